import CLinux
import Glibc

/// A program to start with `posix_spawn(3)`: no signal blocked or ignored, and with no other descriptors than given
/// (every other of this process is close-on-exec).
public struct Spawn {
  public var path: String
  /// `argv`, the name included.
  public var arguments: [String]
  public var environment: [String]
  /// The one at index n becomes the child's descriptor n. They stay open here.
  public var descriptors: [CInt]
  /// Whether it leads a session of its own (`setsid(2)`).
  public var newSession: Bool

  public init(
    _ path: String, _ arguments: [String], environment: [String], descriptors: [CInt], newSession: Bool = false
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.descriptors = descriptors
    self.newSession = newSession
  }

  /// The child's pid. Somebody must wait for it.
  public func start() throws(SyscallError) -> Int32 {
    let count = CInt(descriptors.count)
    var copies: [CInt] = []
    defer { for copy in copies { close(copy) } }
    for descriptor in descriptors {
      // Above the numbers they shall get, so that no dup2 runs over one that is still needed.
      copies.append(try syscall("fcntl") { fcntl(descriptor, F_DUPFD_CLOEXEC, count) })
    }
    var pid: pid_t = 0
    let error = withCStrings(arguments) { argv in
      withCStrings(environment) { envp in clinux_posix_spawn(&pid, path, argv, envp, copies, count, newSession ? 1 : 0) }
    }
    guard error == 0 else { throw SyscallError(call: "posix_spawn", subject: path, errno: Errno(rawValue: error)) }
    return pid
  }
}

/// Runs `body` with the strings as C's null-terminated array of pointers.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers + [nil])
}
