import Glibc

/// How a child ended (`waitpid(2)`).
public enum WaitStatus: Equatable, Sendable {
  case exited(Int32)
  case signalled(Int32)

  /// As a shell says it: the exit code, or 128 and the signal.
  public var exitCode: Int32 {
    switch self {
    case .exited(let code): code
    case .signalled(let signal): 128 + signal
    }
  }

  init(raw status: Int32) {
    let signal = status & 0x7f
    self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }
}

public enum Wait {
  /// Takes note of a child that has ended, if it has: `pid`, or any with -1. nil while none has, or none is
  /// left.
  public static func reap(_ pid: Int32 = -1) throws(SyscallError) -> (pid: Int32, status: WaitStatus)? {
    try wait(pid, WNOHANG)
  }

  /// Waits until the child has ended; nil if it is no child of ours.
  public static func forEnd(of pid: Int32) throws(SyscallError) -> WaitStatus? {
    try wait(pid, 0)?.status
  }

  private static func wait(_ pid: Int32, _ options: CInt) throws(SyscallError) -> (
    pid: Int32, status: WaitStatus
  )? {
    var status: CInt = 0
    do throws(SyscallError) {
      let ended = try syscall("waitpid") { waitpid(pid, &status, options) }
      return ended == 0 ? nil : (ended, WaitStatus(raw: status))
    } catch  where error.errno.rawValue == ECHILD {
      return nil
    }
  }
}
