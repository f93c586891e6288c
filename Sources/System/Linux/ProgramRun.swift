/// A program that ran to its end, and what it said.
public struct ProgramRun: Sendable {
  /// Nil where somebody else has reaped it.
  public let status: WaitStatus?
  public let output: [UInt8]
  /// Empty where the caller's standard error got it.
  public let errors: [UInt8]

  /// Runs it with `input` on its standard input and waits for its end; `arguments` holds argv[0] too. With
  /// `keepsErrors` false its standard error is the caller's. One that says more than `limit` bytes is killed:
  /// `EMSGSIZE`.
  public init(
    _ path: String, _ arguments: [String], environment: [String], input: [UInt8] = [],
    keepsErrors: Bool = true, limit: Int = 64 << 20
  ) throws(SyscallError) {
    // A file, not a pipe: a program that does not read cannot hold us up.
    let file = try memoryFile("input", holding: input)
    let out = try Pipe()
    let err = try Pipe()
    let pid = try Spawn(
      path, arguments, environment: environment,
      descriptors: [file.rawValue, out.writeEnd.rawValue, keepsErrors ? err.writeEnd.rawValue : 2]
    ).start()
    var streams = SaidByProgram(limit: limit)
    do throws(SyscallError) {
      try streams.read(out.intoReadEnd(), err.intoReadEnd(), of: path)
    } catch {
      // One that has ended needs no killing, and who is reaped no waiting.
      try? Processes.signal(pid, .kill)
      _ = try? Wait.forEnd(of: pid)
      throw error
    }
    status = try Wait.forEnd(of: pid)
    output = streams.output
    errors = streams.errors
  }

  /// The first of `directories`, parted by colons as in `PATH`, that has the program; its path there.
  public static func find(_ name: String, in directories: String) -> String? {
    directories.split(separator: ":").map { "\($0)/\(name)" }.first(where: Files.exist)
  }
}

extension Spawn {
  /// Starts it and waits for its end; nil where somebody else has reaped it.
  public func run() throws(SyscallError) -> WaitStatus? { try Wait.forEnd(of: start()) }
}

/// What comes out of both streams of a program, whichever it fills first.
private struct SaidByProgram {
  let limit: Int
  var output: [UInt8] = []
  var errors: [UInt8] = []

  mutating func read(
    _ out: consuming FileDescriptor, _ err: consuming FileDescriptor, of path: String
  ) throws(SyscallError) {
    let epoll = try Epoll()
    try epoll.add(out.rawValue, .readable, token: 0)
    try epoll.add(err.rawValue, .readable, token: 1)
    var open = 2
    while open > 0 {
      for event in try epoll.wait() {
        let bytes = event.token == 0 ? try out.read() : try err.read()
        if bytes.isEmpty {
          try epoll.remove(event.token == 0 ? out.rawValue : err.rawValue)
          open -= 1
        }
        if event.token == 0 { output += bytes } else { errors += bytes }
      }
      guard output.count + errors.count <= limit else {
        throw SyscallError(call: "read", subject: path, errno: .messageTooLong)
      }
    }
  }
}
