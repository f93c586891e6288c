import DockerAPI
import DockerClient
import Flags
import Linux
import TerminalUI

/// `skiff attach`
enum AttachCommand {
  static let entry = CommandEntry(
    "attach", "Attach local standard input, output, and error streams to a running container"
  ) { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER",
      summary: "Attach local standard input, output, and error streams to a running container",
      words: .exactly(1),
      flags: [
        CommonFlags.detachKeys, .bool("no-stdin", "Do not attach STDIN"),
        .bool("sig-proxy", "Proxy all received signals to the process", default: true),
      ], aliases: aliases("container attach", "attach"))
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let client = try await session.engine()
    let container = try await client.inspectContainer(arguments.words[0])
    if !container.state.running {
      throw CommandFailure("You cannot attach to a stopped container, start it first")
    }
    if container.state.paused {
      throw CommandFailure("You cannot attach to a paused container, unpause it first")
    }
    if container.state.restarting {
      throw CommandFailure("You cannot attach to a restarting container, wait until it is running")
    }
    let tty = container.config.tty
    let keys = try RunCommand.detachKeys(arguments, session)
    var options = AttachOptions()
    options.stdin = !arguments.bool("no-stdin") && container.config.openStdin
    options.tty = tty
    options.detachKeys = keys.text
    if options.stdin, tty, !StandardStream.input.isTerminal {
      throw CommandFailure("the input device is not a TTY")
    }
    let exit = try await client.beginWait(container.id)
    let streams = try await client.attachContainer(container.id, options)
    let proxy = arguments.bool("sig-proxy") && !tty ? SignalProxy.forward(to: container.id, client) : nil
    defer { proxy?.cancel() }
    let raw = options.stdin && tty ? TerminalMode.raw() : nil
    defer { raw?.end() }
    let resizing =
      tty && StandardStream.output.isTerminal
      ? TerminalSize.follow(redraws: true) {
        try await client.resizeContainer(container.id, rows: $0.rows, columns: $0.columns)
      } : nil
    defer { resizing?.cancel() }
    let pump = StreamPump(streams: streams, input: options.stdin, keys: tty ? keys.keys : nil)
    // In docker's words, and with its exit code.
    if try await pump.run() == .detached { throw CommandFailure("read escape sequence") }
    return Int32(truncatingIfNeeded: try await exit.result().statusCode)
  }
}
