import CLinux
import Glibc

/// A program to start as a child, safe in programs with many threads (posix_spawn(3)).
public struct Spawn: Sendable {
  public var path: String
  public var arguments: [String]
  public var environment: [String]
  /// The child's current directory; nil means the caller's.
  public var directory: String?
  /// `descriptors[i]` becomes descriptor `i` of the child, nil leaves it closed; it gets no others. The
  /// numbers stay the caller's.
  public var descriptors: [Int32?]
  /// The child leads a session of its own, away from the caller's terminal.
  public var newSession: Bool
  /// The child leads a process group of its own.
  public var newGroup = false

  /// `arguments` holds argv[0] too.
  public init(
    _ path: String, _ arguments: [String], environment: [String], descriptors: [Int32?],
    newSession: Bool = false
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.descriptors = descriptors
    self.newSession = newSession
  }

  /// The child's pid; the caller must reap it. All signals are at their defaults and unblocked.
  public func start() throws(SyscallError) -> Int32 {
    let numbers = descriptors.map { $0 ?? -1 }
    var pid: pid_t = 0
    let error = withCStrings(arguments) { argv in
      withCStrings(environment) { envp in
        numbers.withUnsafeBufferPointer { numbers in
          path.withCString { path in
            withOptionalCString(directory) { directory in
              var request = clinux_spawn(
                path: path, argv: argv, envp: envp, directory: directory, descriptors: numbers.baseAddress,
                descriptor_count: CInt(numbers.count), new_session: newSession ? 1 : 0,
                new_group: newGroup ? 1 : 0)
              return clinux_spawn(&request, &pid)
            }
          }
        }
      }
    }
    guard error == 0 else {
      throw SyscallError(call: "posix_spawn", subject: path, errno: Errno(rawValue: error))
    }
    return pid
  }
}

private func withOptionalCString<R>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
  guard let string else { return body(nil) }
  return string.withCString(body)
}
