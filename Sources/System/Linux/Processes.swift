import CLinux
import Glibc

/// Making and replacing processes, for programs that have one thread.
public enum Processes {
  public enum Side: Sendable, Equatable { case parent(child: Int32), child }

  /// `clone3(2)` like `fork(2)`: both sides go on, the child in the new namespaces given, and with
  /// `cgroup`, the directory of a version 2 cgroup, in that. The program must have one thread.
  /// With `asSibling` the child's parent is the caller's parent (`CLONE_PARENT`).
  public static func fork(
    _ namespaces: Namespaces = [], cgroup: borrowing FileDescriptor? = nil, asSibling: Bool = false
  ) throws(SyscallError) -> Side {
    let flags = UInt64(UInt32(bitPattern: namespaces.rawValue)) | (asSibling ? 0x8000 : 0)
    let group: CInt =
      switch cgroup {
      case .some(let cgroup): cgroup.rawValue
      case .none: -1
      }
    let pid = try syscall("clone3") { clinux_clone3(flags, nil, asSibling ? 0 : SIGCHLD, group) }
    return pid == 0 ? .child : .parent(child: pid)
  }

  /// As vfork(2), by `clone3(2)` with `CLONE_VM` and `CLONE_VFORK`: `body` runs with `context` in a child that
  /// has the caller's memory, while the caller stands still until the child has executed a program or ended.
  /// No page table is copied and no page twice. The child ends with the answer of `body`.
  ///
  /// What the child has allocated and not released when it executes a program stays with the caller. Only
  /// memory and whether it may be looked into (`ProcessAttributes.setDumpable`) are shared; descriptors,
  /// directory, identity, namespaces and signals are the child's own. The program must have one thread.
  public static func run(
    sharingMemory body: @convention(c) (UnsafeMutableRawPointer?) -> CInt,
    _ context: UnsafeMutableRawPointer, cgroup: borrowing FileDescriptor? = nil
  ) throws(SyscallError) -> Int32 {
    let group: CInt =
      switch cgroup {
      case .some(let cgroup): cgroup.rawValue
      case .none: -1
      }
    return try syscall("clone3") { clinux_clone3_sharing(SIGCHLD, group, body, context) }
  }

  /// `execve(2)`; returns only to throw.
  public static func execute(
    _ path: String, arguments: [String], environment: [String]
  ) throws(SyscallError) -> Never {
    withCStrings(arguments) { argv in
      withCStrings(environment) { envp in _ = clinux_execve(path, argv, envp) }
    }
    throw SyscallError(call: "execve", subject: path, errno: .last)
  }

  /// `execveat(2)` of an open file; comes back only to throw, which its type does not say for the sake of
  /// callers that own descriptors.
  public static func execute(
    _ file: borrowing FileDescriptor, arguments: [String], environment: [String]
  ) throws(SyscallError) {
    let raw = file.rawValue
    withCStrings(arguments) { argv in
      withCStrings(environment) { envp in _ = clinux_execveat(raw, "", argv, envp, 0x1000) }
    }
    throw SyscallError(call: "execveat", errno: .last)
  }

  /// Makes /dev/null of standard streams that the process was started without: what it opens would take their
  /// numbers, and would be written to and read from in their stead.
  public static func openStandardStreams() {
    for descriptor in CInt(0)...2 where fcntl(descriptor, F_GETFD) == -1 { _ = open("/dev/null", O_RDWR) }
  }

  /// Ends this process at once, without running exit handlers (`_exit(2)`).
  public static func exitNow(_ code: Int32) -> Never { _exit(code) }

  /// Ends this process (`exit(3)`).
  public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

  public static var ownID: Int32 { getpid() }
  public static var parentID: Int32 { getppid() }

  /// `kill(2)`; a negative pid means the process group. For containers use `ProcessHandle` instead.
  public static func signal(_ pid: Int32, _ signal: Signal) throws(SyscallError) {
    try syscall("kill", on: "pid \(pid)") { Glibc.kill(pid, signal.rawValue) }
  }

  /// Whether a process of that pid exists, dead but unreaped ones included.
  public static func exists(_ pid: Int32) -> Bool { Glibc.kill(pid, 0) == 0 || errno == EPERM }

  /// `setsid(2)`.
  public static func newSession() throws(SyscallError) { try syscall("setsid") { setsid() } }
}

/// Calls `body` with the strings as C has them, ended by a null pointer.
func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers)
}

/// What `/proc/<pid>/stat` tells of a process.
public struct ProcessStatus: Sendable {
  /// `R`, `S`, `D`, `Z` and so on (proc_pid_stat(5)).
  public let state: Character
  public let parent: Int32
  /// Ticks after boot at which it started: with the pid it names a process for ever.
  public let startTime: UInt64

  public static func of(_ pid: Int32) throws(SyscallError) -> ProcessStatus {
    let path = "/proc/\(pid)/stat"
    let bytes = try Files.read(path)
    // The name stands in parentheses and may hold any character.
    let start = bytes.lastIndex(of: UInt8(ascii: ")")) ?? 0
    let fields = bytes[start...].split(separator: UInt8(ascii: " "))
    func number<T: FixedWidthInteger>(_ index: Int) -> T? {
      T(String(decoding: fields[index], as: UTF8.self))
    }
    guard fields.count > 20, let letter = fields[1].first, let parent: Int32 = number(2),
      let start: UInt64 = number(20)
    else { throw SyscallError(call: "read", subject: path, errno: .invalidArgument) }
    let state = Character(Unicode.Scalar(letter))
    return ProcessStatus(state: state, parent: parent, startTime: start)
  }
}
