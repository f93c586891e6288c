import DockerAPI
import DockerClient
import Flags
import Linux
import TerminalUI

/// `skiff exec`
enum ExecCommand {
  static let entry = CommandEntry("exec", "Execute a command in a running container") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER COMMAND [ARG...]", summary: "Execute a command in a running container",
      words: .atLeast(2),
      flags: [
        .bool("detach|d", "Run the command in the background"), CommonFlags.detachKeys,
        .list("env|e", "Set environment variables", check: ContainerFlags.complaintAboutVariable),
        .list("env-file", "Read in a file of environment variables"),
        .bool("interactive|i", "Keep STDIN open even if not attached"),
        .bool("privileged", "Give extended privileges to the command"),
        .bool("tty|t", "Allocate a pseudo-TTY"),
        .string("user|u", "Username or UID (format: \"<name|uid>[:<group|gid>]\")"),
        .string("workdir|w", "Working directory inside the container"),
      ], aliases: aliases("container exec", "exec"), mixesFlagsAndWords: false)
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let keys = try RunCommand.detachKeys(arguments, session)
    let request = try request(arguments, keys.text)
    if request.attachStdin, request.tty, !StandardStream.input.isTerminal {
      throw CommandFailure("the input device is not a TTY")
    }
    let client = try session.clientWithoutStart().withoutVersion
    let container = arguments.words[0]
    let id = try await session.running(client) { try await client.createExec(in: container, request) }
    if arguments.bool("detach") {
      try await client.startExecDetached(id, tty: request.tty)
      return 0
    }
    return try await attached(id, request, keys.keys, client)
  }

  private static func request(_ arguments: Arguments, _ keys: String) throws -> ExecCreateRequest {
    var request = ExecCreateRequest()
    let isDetached = arguments.bool("detach")
    request.cmd = StringList(Array(arguments.words.dropFirst()))
    request.user = arguments.string("user")
    request.privileged = arguments.bool("privileged")
    request.tty = arguments.bool("tty")
    request.workingDir = arguments.string("workdir")
    request.detachKeys = keys
    let variables = try VariableFiles.read(files: arguments.list("env-file"), words: arguments.list("env"))
    request.env = variables.isEmpty ? nil : variables
    request.attachStdin = arguments.bool("interactive") && !isDetached
    request.attachStdout = !isDetached
    request.attachStderr = !isDetached
    if request.tty { request.consoleSize = StandardStream.output.consoleSize }
    return request
  }

  private static func attached(
    _ id: String, _ request: ExecCreateRequest, _ keys: [UInt8], _ client: DockerClient
  ) async throws -> Int32 {
    let streams = try await client.startExec(id, tty: request.tty, consoleSize: request.consoleSize)
    let isInteractive = request.attachStdin && request.tty
    let raw = isInteractive ? TerminalMode.raw() : nil
    defer { raw?.end() }
    let resizing =
      request.tty && StandardStream.output.isTerminal
      ? TerminalSize.follow { try await client.resizeExec(id, rows: $0.rows, columns: $0.columns) } : nil
    defer { resizing?.cancel() }
    let pump = StreamPump(streams: streams, input: request.attachStdin, keys: isInteractive ? keys : nil)
    // In docker's words, and with its exit code.
    if try await pump.run() == .detached { throw CommandFailure("read escape sequence") }
    return Int32(truncatingIfNeeded: try await client.finalExitCode(ofExec: id))
  }
}
