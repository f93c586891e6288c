import Credentials
import DockerAPI
import DockerClient
import Flags
import Linux
import TerminalUI

/// `skiff run`
enum RunCommand {
  static let entry = CommandEntry("run", "Create and run a new container from an image") { path in
    let flags = [
      Flag.bool("detach|d", "Run container in background and print container ID"), CommonFlags.detachKeys,
      .bool("sig-proxy", "Proxy received signals to the process", default: true),
    ]
    let syntax = CommandSyntax(
      path, "[OPTIONS] IMAGE [COMMAND] [ARG...]", summary: "Create and run a new container from an image",
      words: .atLeast(1),
      flags: ContainerFlags.all + flags, aliases: aliases("container run", "run"),
      examples: [
        "skiff run --rm -it debian bash", "skiff run -d --name web -p 8080:80 -v data:/var/lib nginx:alpine",
      ],
      mixesFlagsAndWords: false)
    return Command(syntax) { arguments, session in try await run(path, arguments, session) }
  }

  private static func run(_ path: String, _ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let isDetached = arguments.bool("detach")
    if isDetached, arguments.isSet("attach") {
      throw CommandFailure("conflicting options: cannot specify both --attach and --detach")
    }
    let request = try await made(path, arguments, session, isDetached)
    if !isDetached, request.config.attachStdin, request.config.tty, !StandardStream.input.isTerminal {
      throw CommandFailure("the input device is not a TTY")
    }
    return try await RunFailure.told(path) {
      let keys = try detachKeys(arguments, session)
      let client = try await session.engine()
      let id = try await ContainerCreation(arguments: arguments, session: session).create(request)
      let run = ContainerRun(client: client, id: id, request: request, detachKeys: keys)
      if isDetached {
        try await client.startContainer(id)
        StandardStream.output.line(id)
        return 0
      }
      return try await run.attached(proxiesSignals: arguments.bool("sig-proxy"))
    }
  }

  private static func made(
    _ path: String, _ arguments: Arguments, _ session: Session, _ isDetached: Bool
  ) async throws -> ContainerCreateRequest {
    var request = ContainerCreateRequest()
    _ = try await RunFailure.told(path) {
      request = try ContainerRequest.make(arguments, isDetached: isDetached)
      try ContainerCreation.addProxies(to: &request, session)
      return 0
    }
    if request.config.tty, let size = StandardStream.output.consoleSize {
      request.hostConfig.consoleSize = size
    }
    return request
  }

  /// The keys asked for on the command line, else in config.json, else the standard.
  static func detachKeys(_ arguments: Arguments, _ session: Session) throws -> (text: String, keys: [UInt8]) {
    let text = arguments.given("detach-keys") ?? session.config().text("detachKeys")
    guard let keys = DetachKeys.parse(text) else {
      throw CommandFailure("invalid detach keys: \(text)")
    }
    return (text, keys)
  }
}

/// A created container, started and attached to.
struct ContainerRun {
  let client: DockerClient
  let id: String
  let request: ContainerCreateRequest
  let detachKeys: (text: String, keys: [UInt8])

  /// Starts the container and stays until it ends. Returns its status.
  func attached(proxiesSignals: Bool) async throws -> Int32 {
    let config = request.config
    let proxy = proxiesSignals ? SignalProxy.forward(to: id, client) : nil
    defer { proxy?.cancel() }
    let streams = try await attach()
    // Podman has forgotten the status when the container is removed.
    let isPodman = try await client.ping().isPodman
    let exit = try await client.beginWait(
      id, until: request.hostConfig.autoRemove && !isPodman ? .removed : .nextExit)
    let isInteractive = config.attachStdin && config.tty
    let raw = isInteractive ? TerminalMode.raw() : nil
    defer { raw?.end() }
    let pump = Task { [detachKeys] in
      guard let streams else { return StreamPump.End.finished }
      return try await StreamPump(
        streams: streams, input: config.attachStdin, keys: isInteractive ? detachKeys.keys : nil
      ).run()
    }
    do {
      try await client.startContainer(id, detachKeys: detachKeys.text)
    } catch {
      pump.cancel()
      streams?.close()
      raw?.end()
      // What matters is why it did not start; the wait only keeps --rm in order.
      if request.hostConfig.autoRemove { _ = try? await exit.result() }
      throw error
    }
    let resizing =
      config.tty && StandardStream.output.isTerminal
      ? TerminalSize.follow { try await client.resizeContainer(id, rows: $0.rows, columns: $0.columns) } : nil
    defer { resizing?.cancel() }
    if try await pump.value == .detached { return 0 }
    raw?.end()
    let answer = try await exit.result()
    if let error = answer.error, !error.message.isEmpty {
      StandardStream.error.line("Error waiting for container: \(error.message)")
      return 125
    }
    // What could not be executed has said so itself, where that was seen.
    let isSaid = config.attachStderr || config.tty && config.attachStdout
    if let explanation = answer.explanation, !(isSaid && explanation.hasPrefix("exec ")) {
      StandardStream.error.line("\(programName): \(explanation)")
    }
    return Int32(truncatingIfNeeded: answer.statusCode)
  }

  private func attach() async throws -> AttachedStreams? {
    let config = request.config
    guard config.attachStdin || config.attachStdout || config.attachStderr else { return nil }
    var options = AttachOptions()
    options.stdin = config.attachStdin
    options.stdout = config.attachStdout
    options.stderr = config.attachStderr
    options.tty = config.tty
    options.detachKeys = detachKeys.text
    return try await client.attachContainer(id, options)
  }
}
