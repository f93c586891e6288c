import CLinux
import Glibc

/// A process held by pidfd: signals cannot reach a stranger that reused the pid.
public struct ProcessHandle: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  /// `pidfd_open(2)`.
  public init(pid: Int32) throws(SyscallError) {
    descriptor = FileDescriptor(
      owning: try syscall("pidfd_open", on: "pid \(pid)") { clinux_pidfd_open(pid, 0) })
  }

  /// A copy of one of the process's descriptors (`pidfd_getfd(2)`).
  public borrowing func descriptor(_ number: Int32) throws(SyscallError) -> FileDescriptor {
    let raw = descriptor.rawValue
    return FileDescriptor(
      owning: try syscall("pidfd_getfd", on: "descriptor \(number)") { clinux_pidfd_getfd(raw, number) })
  }

  /// The pidfd itself, readable once the process has ended.
  public consuming func intoDescriptor() -> FileDescriptor { descriptor }

  /// `pidfd_send_signal(2)`.
  public borrowing func signal(_ number: CInt) throws(SyscallError) {
    let raw = descriptor.rawValue
    try syscall("pidfd_send_signal") { clinux_pidfd_send_signal(raw, number) }
  }

  /// `pidfd_send_signal(2)`.
  public borrowing func signal(_ signal: Signal) throws(SyscallError) { try self.signal(signal.rawValue) }
}
