import ContainerLog
import Linux
import ShimProtocol

/// Pipes between the shim and a process to be made: the child's ends until it is made, then the shim's.
struct Plumbing: ~Copyable {
  private let stdin: Pipe?
  private let stdout: Pipe?
  private let stderr: Pipe?
  private let null: FileDescriptor
  private let size: ConsoleSize?

  /// For a terminal no pipes are needed: the runtime brings its master.
  init(terminal: Bool, stdin: Bool, size: ConsoleSize?) throws(SyscallError) {
    let input = try Self.pipe(if: !terminal && stdin)
    let output = try Self.pipe(if: !terminal)
    let errors = try Self.pipe(if: !terminal)
    null = try FileDescriptor.open("/dev/null", .readOnly)
    self.stdin = input
    stdout = output
    stderr = errors
    self.size = size
  }

  private static func pipe(if wanted: Bool) throws(SyscallError) -> Pipe? { wanted ? try Pipe() : nil }

  /// What the runtime is given.
  var console: ProcessConsole {
    borrowing get {
      let output = stdout.rawWriteEnd
      guard output >= 0 else { return .terminal(size) }
      let input = stdin.rawReadEnd
      return .streams(stdin: input >= 0 ? input : null.rawValue, stdout: output, stderr: stderr.rawWriteEnd)
    }
  }

  /// Closes the child's ends and connects ours with the loop.
  consuming func connected(
    _ loop: Loop, _ process: DrivenProcess, openStdin: Bool, closesInputWithClient: Bool,
    belongsToClient: Bool = false
  ) throws(ShimFailure) -> ProcessStreams {
    do throws(SyscallError) {
      return try connect(
        loop, process, openStdin: openStdin, closesInputWithClient: closesInputWithClient,
        belongsToClient: belongsToClient)
    } catch {
      throw ShimFailure(.failed, "streams: \(error)")
    }
  }

  private consuming func connect(
    _ loop: Loop, _ process: DrivenProcess, openStdin: Bool, closesInputWithClient: Bool,
    belongsToClient: Bool
  ) throws(SyscallError) -> ProcessStreams {
    if let raw = process.terminal {
      let master = FileDescriptor(owning: raw)
      let output = try ProcessOutput(loop, try master.duplicate(), .stdout)
      let input = openStdin ? try ProcessInput(loop, try master.duplicate()) : nil
      return ProcessStreams(
        loop, input: input, outputs: [output], terminal: master, closesInputWithClient: false,
        belongsToClient: belongsToClient)
    }
    var input: ProcessInput?
    if let pipe = stdin { input = try ProcessInput(loop, pipe.intoWriteEnd()) }
    var outputs: [ProcessOutput] = []
    if let pipe = stdout { outputs.append(try ProcessOutput(loop, pipe.intoReadEnd(), .stdout)) }
    if let pipe = stderr { outputs.append(try ProcessOutput(loop, pipe.intoReadEnd(), .stderr)) }
    return ProcessStreams(
      loop, input: input, outputs: outputs, closesInputWithClient: closesInputWithClient,
      belongsToClient: belongsToClient)
  }
}

extension Optional where Wrapped == Pipe {
  fileprivate var rawReadEnd: Int32 {
    borrowing get {
      switch self {
      case .some(let pipe): pipe.readEnd.rawValue
      case .none: -1
      }
    }
  }
  fileprivate var rawWriteEnd: Int32 {
    borrowing get {
      switch self {
      case .some(let pipe): pipe.writeEnd.rawValue
      case .none: -1
      }
    }
  }
}
