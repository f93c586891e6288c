import ComposeModel
import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import TerminalUI
import TextFormats

enum RunCommand {
  static let entry = Subcommand(
    "run", "Run a one-off command on a service", usage: "SERVICE [COMMAND] [ARGS...]", words: .atLeast(1),
    flags: [
      .bool("build", "Build image before starting container"),
      .list("cap-add", "Add Linux capabilities"), .list("cap-drop", "Drop Linux capabilities"),
      .bool("detach|d", "Run container in background and print container ID"),
      .string("entrypoint", "Override the entrypoint of the image"),
      .list("env|e", "Set environment variables", typeName: "stringArray"),
      .list("env-from-file", "Set environment variables from file", typeName: "stringArray"),
      .bool("interactive|i", "Keep STDIN open even if not attached", default: true),
      .list("label|l", "Add or override a label", typeName: "stringArray"),
      .string("name", "Assign a name to the container"),
      .bool("no-TTY|T", "Disable pseudo-TTY allocation (default: auto-detected)"),
      .bool("no-deps", "Don't start linked services"),
      .list("publish|p", "Publish a container's port(s) to the host", typeName: "stringArray"),
      .string("pull", "Pull image before running (\"always\"|\"missing\"|\"never\")", default: "policy"),
      .bool("quiet|q", "Don't print anything to STDOUT"),
      .bool("quiet-build", "Suppress progress output from the build process"),
      .bool("quiet-pull", "Pull without printing progress information"),
      .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
      .bool("rm", "Automatically remove the container when it exits"),
      .bool("service-ports|P", "Run command with all service's ports enabled and mapped to the host"),
      .bool("tty|t", "Allocate a pseudo-TTY", default: true).hidden,
      .bool(
        "use-aliases", "Use the service's network useAliases in the network(s) the container connects to"),
      .string("user|u", "Run as specified username or uid"),
      .list("volume|v", "Bind mount a volume", typeName: "stringArray"),
      .string("workdir|w", "Working directory inside the container"),
    ], mixes: false
  ) { arguments, invocation in
    var run = try OneOffRun(arguments, invocation)
    return try await run.run()
  }
}

/// One container for one command.
private struct OneOffRun {
  let arguments: Arguments
  let invocation: Invocation
  var project: Project
  var service: Service
  let interactive: Bool
  let tty: Bool

  init(_ arguments: Arguments, _ invocation: Invocation) throws {
    self.arguments = arguments
    self.invocation = invocation
    project = try invocation.project(selecting: [arguments.words[0]])
    service = try project.service(arguments.words[0])
    let detached = arguments.bool("detach")
    interactive = arguments.bool("interactive") && !detached
    tty =
      !arguments.bool("no-TTY") && arguments.bool("tty") && !detached && StandardStream.input.isTerminal
      && StandardStream.output.isTerminal
    try change()
  }

  /// Applies the command line to the service.
  private mutating func change() throws {
    let command = Array(arguments.words.dropFirst())
    func list(_ words: [String]) -> JSONValue { .array(words.map(JSONValue.string)) }
    if !command.isEmpty { service["command"] = list(command) }
    if let entrypoint = arguments.given("entrypoint") {
      service["entrypoint"] = list(try ShellWords.split(entrypoint))
      if command.isEmpty { service["command"] = nil }
    }
    service["tty"] = .bool(tty)
    service["stdin_open"] = .bool(interactive)
    service["container_name"] = nil
    service["scale"] = 1
    service["deploy"] = service["deploy"].map(Self.withoutReplicas)
    service["restart"] = nil
    if !arguments.bool("service-ports") { service["ports"] = nil }
    let ports = try arguments.list("publish").flatMap { try PortSpecs.parse($0) }
    if !ports.isEmpty {
      service["ports"] = .array((service["ports"]?.array ?? []) + ports.map(JSONValue.object))
    }
    try addVariables()
    for (key, flag) in [("user", "user"), ("working_dir", "workdir")] {
      if let text = arguments.given(flag), !text.isEmpty { service[key] = .string(text) }
    }
    for (key, flag) in [("cap_add", "cap-add"), ("cap_drop", "cap-drop")] where arguments.isSet(flag) {
      service[key] = list(service.list(key) + arguments.list(flag))
    }
    let volumes = try arguments.list("volume").map {
      try VolumeSpecs.parse($0, from: invocation.source.currentDirectory)
    }
    if !volumes.isEmpty {
      let targets = Set(volumes.compactMap { $0["target"]?.string })
      let kept = service.parts("volumes").filter { !targets.contains($0["target"]?.string ?? "") }
      service["volumes"] = .array((kept + volumes).map(JSONValue.object))
      for volume in volumes where volume["type"]?.string == "volume" {
        guard let name = volume["source"]?.string, project.volumes[name] == nil else { continue }
        project.volumes[name] = ["name": .string(name), "external": true]
      }
    }
    var labels = service.members("labels")
    for (key, value) in arguments.map("label") { labels[key] = .string(value) }
    service["labels"] = labels.isEmpty ? JSONValue?.none : .object(labels)
  }

  private static func withoutReplicas(_ deploy: JSONValue) -> JSONValue {
    var members = deploy.object ?? [:]
    members["replicas"] = nil
    return .object(members)
  }

  private mutating func addVariables() throws {
    var variables = service.members("environment")
    for path in arguments.list("env-from-file") {
      let text = String(decoding: try invocation.files.read(path), as: UTF8.self)
      for line in text.split(separator: "\n" as Character) where !line.hasPrefix("#") {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
          String.init)
        variables[parts[0]] = .string(parts.count > 1 ? parts[1] : "")
      }
    }
    for word in arguments.list("env") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let value = parts.count > 1 ? parts[1] : project.environment[parts[0]]
      variables[parts[0]] = value.map(JSONValue.string) ?? .null
    }
    service["environment"] = variables.isEmpty ? JSONValue?.none : .object(variables)
  }

  mutating func run() async throws -> Int32 {
    let client = try await invocation.connect()
    try await startDependencies()
    let observed = try await prepare(client)
    let slug = Self.slug()
    let name =
      arguments.given("name")
      ?? [project.name, service.name, "run", String(slug.prefix(12))].joined(separator: invocation.separator)
    var extras = ContainerRequests.Extras()
    extras.oneOff = true
    extras.slug = slug
    extras.usesAliases = arguments.bool("use-aliases")
    extras.autoRemove = arguments.bool("rm") && arguments.bool("detach")
    extras.attachesInput = interactive
    extras.consoleSize = tty ? StandardStream.output.consoleSize : nil
    project.services[service.name] = service
    let board = ProgressBoard(invocation)
    let executor = try await Executor(invocation, client, project, observed, board: board)
    let id: String
    do {
      id = try await executor.make(service, name, as: name, extras)
    } catch {
      await board.broken("Container \(name)")
      throw error
    }
    if invocation.dryRun { return 0 }
    if arguments.bool("detach") {
      try await client.startContainer(id)
      StandardStream.output.line(id)
      return 0
    }
    return try await attached(id, client)
  }

  private func startDependencies() async throws {
    guard !arguments.bool("no-deps") else { return }
    var others = project
    others.services[service.name] = nil
    let names = others.serviceNames
    guard !names.isEmpty else { return }
    let flags = ["--detach", "--no-recreate"] + (arguments.bool("quiet-pull") ? ["--quiet-pull"] : [])
    _ = try await UpCommand.entry.call(flags + names, invocation)
  }

  /// The image, networks and volumes that the container needs.
  private func prepare(_ client: DockerClient) async throws -> Observed {
    var own = project
    own.services = [service.name: service]
    let supply = ImageSupply(invocation: invocation, client: client, project: own)
    let pull = try SharedFlags.pull(arguments)
    var options = ImageSupply.BuildOptions()
    options.quiet = arguments.bool("quiet-build")
    let images = try await supply.ensure(
      build: arguments.bool("build") ? .always : .whenMissing, pull: pull,
      quietPull: arguments.bool("quiet-pull"), options: options)
    var observed = try await Observer(client: client).observe(project)
    observed.images = images
    var resources = own
    resources.services = [:]
    var planner = UpPlanner(project: resources, observed: observed)
    let plan = try planner.make()
    let executor = try await Executor(invocation, client, own, observed, board: ProgressBoard(invocation))
    try await executor.run(plan)
    for key in service.dependencies.keys {
      guard let condition = service.dependencies[key]?.condition, condition != .started,
        !arguments.bool("no-deps")
      else { continue }
      let waiter = Waiter(client: client, board: ProgressBoard(invocation))
      for container in try await Observer(client: client).containers(of: project.name)
      where container.service == key {
        try await waiter.wait(for: container.id, service: key, condition)
      }
    }
    return observed
  }

  private func attached(_ id: String, _ client: DockerClient) async throws -> Int32 {
    var options = AttachOptions()
    options.stdin = interactive
    options.tty = tty
    let streams = try await client.attachContainer(id, options)
    let ending = try await client.beginWait(id, until: .nextExit)
    let signals = Signals.stream(tty ? [] : [Signal.interrupt.rawValue, Signal.terminate.rawValue])
    let forwarding = Task { await Self.forward(signals, to: id, client) }
    let code: Int64
    do {
      code = try await follow(id, client, streams, ending)
    } catch {
      forwarding.cancel()
      throw error
    }
    forwarding.cancel()
    try await clear(id, client)
    return Int32(truncatingIfNeeded: code)
  }

  private static func forward(_ signals: AsyncStream<Int32>, to id: String, _ client: DockerClient) async {
    for await signal in signals {
      // A container that ended meanwhile has nobody to tell.
      try? await client.killContainer(id, signal: "\(signal)")
    }
  }

  /// Starts the container and stays with it to its end.
  private func follow(
    _ id: String, _ client: DockerClient, _ streams: AttachedStreams, _ ending: PendingExit
  ) async throws -> Int64 {
    try await start(id, client)
    let session = TerminalSession(streams: streams, input: interactive, tty: tty)
    try await session.run { size in
      try await client.resizeContainer(id, rows: size.rows, columns: size.columns)
    }
    return try await ending.result().statusCode
  }

  private func start(_ id: String, _ client: DockerClient) async throws {
    let failure: any Error
    do {
      return try await client.startContainer(id)
    } catch {
      failure = error
    }
    try await clear(id, client)
    throw failure
  }

  /// What `--rm` asks for.
  private func clear(_ id: String, _ client: DockerClient) async throws {
    if arguments.bool("rm") { try await client.removeContainer(id, force: true, volumes: true) }
  }

  private static func slug() -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef")
    return String((0..<64).map { _ in digits[Int.random(in: 0..<16, using: &generator)] })
  }
}
