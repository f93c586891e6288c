import ComposeModel
import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import TerminalUI
import TextFormats

/// `up` and `create`: make the engine's containers those of the project.
enum UpCommand {
  static let createFlags: [Flag] = [
    .bool("build", "Build images before starting containers"),
    .bool("force-recreate", "Recreate containers even if their configuration and image haven't changed"),
    .bool("no-build", "Don't build an image, even if it's policy"),
    .bool(
      "no-recreate", "If containers already exist, don't recreate them. Incompatible with --force-recreate."),
    .string("pull", "Pull image before running (\"always\"|\"missing\"|\"never\")", default: "policy"),
    .bool("quiet-pull", "Pull without printing progress information"),
    .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
    .list(
      "scale",
      "Scale SERVICE to NUM instances. Overrides the `scale` setting in the Compose file if present.",
      typeName: "scale"),
    .bool("yes|y", "Assume \"yes\" as answer to all prompts and run non-interactively"),
  ]

  static let entry = Subcommand(
    "up", "Create and start containers", usage: "[SERVICE...]",
    flags: createFlags + [
      .bool(
        "abort-on-container-exit", "Stops all containers if any container was stopped. Incompatible with -d"),
      .bool(
        "abort-on-container-failure",
        "Stops all containers if any container exited with failure. Incompatible with -d"),
      .bool("always-recreate-deps", "Recreate dependent containers. Incompatible with --no-recreate."),
      .list(
        "attach", "Restrict attaching to the specified services. Incompatible with --attach-dependencies.",
        typeName: "stringArray"),
      .bool("attach-dependencies", "Automatically attach to log output of dependent services"),
      .bool("detach|d", "Detached mode: Run containers in the background"),
      .string(
        "exit-code-from",
        "Return the exit code of the selected service container. Implies --abort-on-container-exit"),
      .list("no-attach", "Do not attach (stream logs) to the specified services", typeName: "stringArray"),
      .bool("no-color", "Produce monochrome output"), .bool("no-deps", "Don't start linked services"),
      .bool("no-log-prefix", "Don't print prefix in logs"),
      .bool("no-start", "Don't start the services after creating them"),
      .bool("quiet-build", "Suppress the build output"),
      .bool(
        "renew-anon-volumes|V",
        "Recreate anonymous volumes instead of retrieving data from the previous containers"),
      SharedFlags.timeout, .bool("timestamps", "Show timestamps"),
      .bool("wait", "Wait for services to be running|healthy. Implies detached mode."),
      .int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy"),
      .bool("menu", "").hidden, .bool("watch|w", "").hidden,
    ]
  ) { arguments, invocation in
    try check(arguments)
    var arrival = try Arrival(arguments, invocation)
    return try await arrival.up()
  }

  static let create = Subcommand(
    "create", "Creates containers for a service", usage: "[SERVICE...]", flags: createFlags
  ) { arguments, invocation in
    var arrival = try Arrival(arguments, invocation)
    try await arrival.create(starts: false)
    return 0
  }

  private static func check(_ arguments: Arguments) throws {
    func refuse(_ first: String, _ second: String) throws {
      if arguments.bool(first), arguments.bool(second) {
        throw ComposeFailure("--\(first) and --\(second) are incompatible")
      }
    }
    try refuse("build", "no-build")
    try refuse("force-recreate", "no-recreate")
    try refuse("always-recreate-deps", "no-recreate")
    let aborts = arguments.bool("abort-on-container-exit") || arguments.isSet("exit-code-from")
    if arguments.bool("detach") || arguments.bool("wait"),
      aborts || arguments.bool("abort-on-container-failure") || arguments.bool("attach-dependencies")
        || arguments.isSet("attach")
    {
      throw ComposeFailure(
        "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach or --attach-dependencies"
      )
    }
    for name in arguments.list("attach") where arguments.list("no-attach").contains(name) {
      throw ComposeFailure("cannot combine --attach and --no-attach for service \(name)")
    }
  }
}

/// One `up` on its way.
struct Arrival {
  let arguments: Arguments
  let invocation: Invocation
  private(set) var project: Project

  init(_ arguments: Arguments, _ invocation: Invocation) throws {
    self.arguments = arguments
    self.invocation = invocation
    project = try invocation.project(selecting: arguments.words)
    if arguments.bool("no-deps") { try project.select(arguments.words, with: .none) }
    for (name, count) in try SharedFlags.scales(arguments.list("scale")) {
      var service = try project.service(name)
      service.setScale(count)
      project.services[name] = service
    }
    try project.checkContainerNames()
    guard !project.services.isEmpty else { throw ComposeFailure("no service selected") }
  }

  /// Makes images, networks, volumes and containers; starts them where said, `before` is called ahead of each start.
  mutating func create(
    starts: Bool, before: (@Sendable (String, String, String) async throws -> Void)? = nil
  ) async throws {
    let client = try await invocation.connect()
    let project = project
    var supply = ImageSupply(invocation: invocation, client: client, project: project)
    supply.signalsAreHeard = before != nil
    let pull = try SharedFlags.pull(arguments)
    var options = ImageSupply.BuildOptions()
    options.quiet = arguments.bool("quiet-build")
    let choice: ImageSupply.BuildChoice =
      arguments.bool("build") ? .always : arguments.bool("no-build") ? .never : .whenMissing
    async let state = Observer(client: client).observe(project)
    let images = try await supply.ensure(
      build: choice, pull: pull,
      quietPull: arguments.bool("quiet-pull"),
      options: options)
    var observed = try await state
    observed.images = images
    let board = ProgressBoard(invocation, amid: before == nil ? .nothing : .logsAlone)
    try await handleOrphans(observed, client, board)
    var planner = UpPlanner(project: project, observed: observed)
    planner.separator = invocation.separator
    planner.starts = starts
    planner.named = Set(arguments.words)
    planner.recreate =
      arguments.bool("force-recreate") ? .force : arguments.bool("no-recreate") ? .never : .diverged
    planner.recreateDependencies =
      arguments.bool("always-recreate-deps") ? .force : arguments.bool("no-recreate") ? .never : .diverged
    planner.followsDependencies = !arguments.bool("no-deps")
    let plan = try planner.make()
    let executor = try await Executor(invocation, client, project, observed, board: board)
    await executor.set(timeout: SharedFlags.timeout(arguments))
    await executor.set(renewsVolumes: arguments.bool("renew-anon-volumes"))
    if let before { await executor.set(beforeStart: before) }
    try await executor.run(plan)
  }

  private func handleOrphans(_ observed: Observed, _ client: DockerClient, _ board: ProgressBoard)
    async throws
  {
    let known = Set(project.services.keys).union(project.disabled.keys)
    let orphans = observed.containers.filter { container in
      container.isOneOff
        ? !container.isRunning && arguments.bool("remove-orphans") : !known.contains(container.service)
    }
    guard !orphans.isEmpty else { return }
    let ignored = ["1", "true"].contains(project.environment["COMPOSE_IGNORE_ORPHANS"] ?? "")
    if arguments.bool("remove-orphans")
      || ["1", "true"].contains(project.environment["COMPOSE_REMOVE_ORPHANS"] ?? "")
    {
      let teardown = Teardown(invocation: invocation, client: client, project: project, board: board)
      try await teardown.inReverse(orphans) { try await teardown.stopAndRemove($0, volumes: false) }
    } else if !ignored {
      Warnings.tell(
        "Found orphan containers ([\(orphans.map(\.name).joined(separator: " "))]) for this project. If you removed or "
          + "renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up."
      )
    }
  }

  mutating func up() async throws -> Int32 {
    if arguments.bool("watch") {
      Warnings.tell("up does not watch files: run `compose watch --no-up` beside it")
    }
    if arguments.bool("no-start") {
      try await create(starts: false)
      return 0
    }
    guard arguments.bool("detach") || arguments.bool("wait") || invocation.dryRun else {
      return try await attached()
    }
    try await create(starts: true)
    if arguments.bool("wait"), !invocation.dryRun { try await waitUntilUp() }
    return 0
  }

  private func waitUntilUp() async throws {
    let client = try await invocation.connect()
    let board = ProgressBoard(invocation)
    let names = Set(project.services.keys)
    let containers = try await Observer(client: client).containers(of: project.name)
      .filter { names.contains($0.service) && !$0.isOneOff }
    let waiter = Waiter(client: client, board: board)
    let limit = arguments.int("wait-timeout")
    let project = project
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        _ = try await mapAtOnce(containers) { container in
          // A service that is meant to end has done its work when it ended well.
          if project.services.values.contains(where: {
            $0.dependencies[container.service]?.condition == .completed
          }) {
            return try await waiter.wait(for: container.id, service: container.service, .completed)
          }
          try await waiter.waitUntilUp(container.id)
        }
      }
      if limit > 0 {
        group.addTask {
          try await sleep(milliseconds: limit * 1000)
          throw ComposeFailure("application not healthy after \(limit)s")
        }
      }
      try await group.next()
      group.cancelAll()
    }
  }

  private mutating func attached() async throws -> Int32 {
    let client = try await invocation.connect()
    let chosen = Set(arguments.isSet("attach") ? arguments.list("attach") : attachedServices())
      .subtracting(arguments.list("no-attach"))
    let coloured =
      !arguments.bool("no-color") && invocation.ansi != "never"
      && (invocation.ansi == "always" || Colour.suit(.output))
    let printer = LogPrinter(coloured: coloured, prefixed: !arguments.bool("no-log-prefix"))
    let follower = Follower(
      client: client, project: project, services: chosen, printer: printer,
      timestamps: arguments.bool("timestamps"))
    let session = AttachedSession(
      invocation: invocation, client: client, project: project, follower: follower, printer: printer,
      timeout: SharedFlags.timeout(arguments), rule: try exitRule())
    var copy = self
    try await copy.create(starts: false)
    let running = try await Observer(client: client).containers(of: project.name)
      .filter { chosen.contains($0.service) && !$0.isOneOff }
    let names = running.map(\.shortName).sorted()
    printer.register(names)
    StandardStream.output.line("Attaching to \(names.joined(separator: ", "))")
    let this = self
    return try await session.run {
      var copy = this
      try await copy.create(starts: true) { service, name, id in
        if chosen.contains(service) { try await follower.attach(id) }
      }
    }
  }

  /// The services whose output is shown: those named, or all that want it.
  private func attachedServices() -> [String] {
    let named = arguments.bool("attach-dependencies") || arguments.words.isEmpty
    return project.services.values.filter { service in
      (named || arguments.words.contains(service.name)) && service["attach"]?.bool != false
    }.map(\.name)
  }

  private func exitRule() throws -> AttachedSession.ExitRule {
    if let service = arguments.given("exit-code-from"), !service.isEmpty {
      guard project.services[service] != nil else { throw ComposeFailure("no such service: \(service)") }
      return .anyExit(codeFrom: service)
    }
    if arguments.bool("abort-on-container-exit") { return .anyExit(codeFrom: nil) }
    if arguments.bool("abort-on-container-failure") { return .anyFailure }
    return .all
  }
}
