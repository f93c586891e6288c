import ComposeModel
import DockerAPI
import DockerClient
import Flags
import Linux
import TerminalUI

enum ExecCommand {
  static let entry = Subcommand(
    "exec", "Execute a command in a running container", usage: "SERVICE COMMAND [ARGS...]",
    words: .atLeast(2),
    flags: [
      .bool("detach|d", "Detached mode: Run command in the background"),
      .list("env|e", "Set environment variables", typeName: "stringArray"), SharedFlags.index,
      .bool("interactive|i", "Keep STDIN open even if not attached", default: true).hidden,
      .bool("no-tty|T", "Disable pseudo-TTY allocation. By default 'docker compose exec' allocates a TTY."),
      .bool("no-TTY", "").hidden, .bool("privileged", "Give extended privileges to the process"),
      .bool("tty|t", "Allocate a pseudo-TTY", default: true).hidden,
      .string("user|u", "Run the command as this user"),
      .string("workdir|w", "Path to workdir directory for this command"),
    ], mixes: false
  ) { arguments, invocation in
    let service = arguments.words[0]
    let (_, name) = try invocation.projectOrName()
    let client = try await invocation.connect()
    let container = try await invocation.container(
      of: service, index: arguments.int("index"), client, project: name)
    let detached = arguments.bool("detach")
    let plain = arguments.bool("no-tty") || arguments.bool("no-TTY") || !arguments.bool("tty")
    let tty = !plain && !detached && StandardStream.output.isTerminal && StandardStream.input.isTerminal
    if !plain, !detached, !arguments.bool("no-tty"), arguments.isSet("tty"), !StandardStream.input.isTerminal
    {
      throw ComposeFailure("the input device is not a TTY")
    }
    var request = ExecCreateRequest()
    request.cmd = StringList(Array(arguments.words.dropFirst()))
    request.user = arguments.string("user")
    request.privileged = arguments.bool("privileged")
    request.workingDir = arguments.string("workdir")
    request.env = arguments.list("env").isEmpty ? nil : arguments.list("env")
    request.tty = tty
    request.consoleSize = tty ? StandardStream.output.consoleSize : nil
    request.attachStdin = !detached && arguments.bool("interactive")
    request.attachStdout = !detached
    request.attachStderr = !detached
    let id = try await client.createExec(in: container.id, request)
    if detached {
      try await client.startExecDetached(id)
      return 0
    }
    let streams = try await client.startExec(id, tty: tty, consoleSize: request.consoleSize)
    try await TerminalSession(streams: streams, input: request.attachStdin, tty: tty).run { size in
      try await client.resizeExec(id, rows: size.rows, columns: size.columns)
    }
    do {
      return Int32(truncatingIfNeeded: try await client.finalExitCode(ofExec: id))
    } catch is UnfinishedExec where tty {
      // It goes on without us: the keys for that were typed.
      throw ComposeFailure("read escape sequence")
    }
  }
}
