import ComposeModel
import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import TerminalUI
import TextFormats

/// One `up` on its way.
struct Arrival {
  let arguments: Arguments
  let invocation: Invocation
  private(set) var project: Project
  /// Who hears what `post_start` hooks write.
  private var audience = Hooks.Audience.nobody

  init(_ arguments: Arguments, _ invocation: Invocation) throws {
    try self.init(arguments, invocation, try invocation.project(selecting: arguments.words))
  }

  init(_ arguments: Arguments, _ invocation: Invocation, _ project: Project) throws {
    self.arguments = arguments
    self.invocation = invocation
    self.project = project
    try narrow()
  }

  /// What the command line says of the services.
  private mutating func narrow() throws {
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
    // Beside the logs they have been told of before.
    if before == nil { try await handleOrphans(observed, client, board) }
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
    await executor.set(audience: audience)
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
    let chosen = try attachedServices()
    let coloured =
      !arguments.bool("no-color") && invocation.ansi != "never"
      && (invocation.ansi == "always" || Colour.suit(.output))
    let printer = LogPrinter(
      coloured: coloured, prefixed: !arguments.bool("no-log-prefix"), timestamps: arguments.bool("timestamps")
    )
    let follower = Follower(client: client, services: chosen, printer: printer)
    let attach: @Sendable (String, String, String) async throws -> Void = { service, _, id in
      if chosen.contains(service) { try await follower.attach(id) }
    }
    var session = AttachedSession(
      invocation: invocation, client: client, project: project, follower: follower, printer: printer,
      timeout: SharedFlags.timeout(arguments), rule: try exitRule())
    let watch = try watchSession(client, .init(printer: printer, beforeStart: attach))
    var copy = self
    copy.audience = .logs(printer)
    try await copy.create(starts: false)
    if let watch { session.watch = try await FileWatching(watch) }
    let containers = try await Observer(client: client).containers(of: project.name)
      .filter { chosen.contains($0.service) && !$0.isOneOff }
    let names = containers.map(\.shortName).sorted()
    printer.register(names)
    StandardStream.output.line("Attaching to \(names.joined(separator: ", "))")
    for container in containers where container.isRunning { try await follower.join(container.id) }
    let this = copy
    return try await session.run {
      var copy = this
      try await copy.create(starts: true, before: attach)
    }
  }

  /// What `--watch` asks for; throws where nothing is there to be watched.
  private func watchSession(_ client: DockerClient, _ logs: WatchSession.Logs) throws -> WatchSession? {
    guard arguments.bool("watch") else { return nil }
    guard project.services.values.contains(where: { $0["develop"]?["watch"] != nil }) else {
      throw ComposeFailure(
        "none of the selected services is configured for watch, "
          + "see https://docs.docker.com/compose/how-tos/file-watch/")
    }
    var session = try WatchSession(
      invocation, client, project, prunes: false, quiet: arguments.bool("quiet-build"))
    session.logs = logs
    return session
  }

  /// The services whose output is shown: those named, or all that want it.
  private func attachedServices() throws -> Set<String> {
    let unwanted = arguments.list("no-attach")
    guard !arguments.isSet("attach") else {
      let wanted = arguments.list("attach")
      let unknown = wanted.filter { project.services[$0] == nil }
      guard unknown.isEmpty else {
        throw ComposeFailure(
          "cannot attach to services not included in up: \(unknown.joined(separator: ", "))")
      }
      return Set(wanted).subtracting(unwanted)
    }
    let all = arguments.bool("attach-dependencies") || arguments.words.isEmpty
    let wanted = project.services.values.filter { service in
      (all || arguments.words.contains(service.name)) && service["attach"]?.bool != false
    }
    return Set(wanted.map(\.name)).subtracting(unwanted)
  }

  private func exitRule() throws -> AttachedSession.ExitRule {
    if let service = arguments.given("exit-code-from"), !service.isEmpty {
      guard project.services[service] != nil else {
        throw ComposeFailure("no such service: \(service): not found")
      }
      return .anyExit(codeFrom: service)
    }
    if arguments.bool("abort-on-container-exit") { return .anyExit(codeFrom: nil) }
    if arguments.bool("abort-on-container-failure") { return .anyFailure }
    return .all
  }
}
