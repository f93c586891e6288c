import ComposeModel
import DockerAPI
import DockerClient
import ImageNames
import JSON
import Linux
import Reactor
import TextFormats

/// Carries out a plan: every step as soon as those before it are done.
actor Executor {
  private let invocation: Invocation
  private let client: DockerClient
  private let project: Project
  private let board: ProgressBoard
  private let severalNetworks: Bool
  private let images: [String: String]
  /// Containers by name; those of services in order.
  private var containers: [String: ObservedContainer]
  private var idsByService: [String: [String]] = [:]
  private var timeout: Int?
  /// Called with the name and id of a container right before it is started.
  private var beforeStart: (@Sendable (_ service: String, _ name: String, _ id: String) async throws -> Void)?
  private var renewsVolumes = false
  /// Who hears what `post_start` hooks write.
  private var audience = Hooks.Audience.nobody

  init(
    _ invocation: Invocation, _ client: DockerClient, _ project: Project, _ observed: Observed,
    board: ProgressBoard
  ) async throws {
    self.invocation = invocation
    self.client = client
    self.project = project
    self.board = board
    images = observed.images
    severalNetworks = try await client.version() >= APIVersion(1, 44)
    containers = Dictionary(observed.containers.map { ($0.name, $0) }) { first, _ in first }
    for container in observed.containers where !container.isOneOff {
      idsByService[container.service, default: []].append(container.id)
    }
  }

  func set(timeout: Int?) { self.timeout = timeout }
  func set(renewsVolumes: Bool) { self.renewsVolumes = renewsVolumes }
  func set(audience: Hooks.Audience) { self.audience = audience }
  func set(beforeStart: @escaping @Sendable (String, String, String) async throws -> Void) {
    self.beforeStart = beforeStart
  }

  func run(_ plan: Plan) async throws {
    let graph = Dictionary(uniqueKeysWithValues: plan.steps.enumerated().map { ($0, Set($1.after)) })
    try await runInOrder(graph, limit: invocation.parallel) { place in
      try await self.perform(plan.steps[place].action)
    }
  }

  private func perform(_ action: Plan.Action) async throws {
    switch action {
    case .createNetwork(let key): try await createNetwork(key)
    case .recreateNetwork(let key): try await recreateNetwork(key)
    case .createVolume(let key): try await createVolume(key)
    case .create(let service, let number): try await create(service, number)
    case .recreate(let service, let number, let old): try await recreate(service, number, old)
    case .remove(let name): try await remove(name)
    case .keep(let name): await board.done("Container \(name)", "Running")
    case .await(let service, let condition, let required, let by):
      try await wait(service, condition, required, by)
    case .start(let service, let name): try await start(service, name)
    }
  }

  // MARK: Networks and volumes

  private func createNetwork(_ key: String) async throws {
    let network = project.networks[key] ?? [:]
    let name = project.networkName(key)
    try await board.during("Network \(name)", "Creating", "Created") {
      if invocation.dryRun { return }
      do {
        _ = try await client.createNetwork(ResourceRequests.network(key, network, in: project))
      } catch {
        throw ComposeFailure("failed to create network \(name): \(ComposeCommand.words(of: error))")
      }
    }
  }

  private func recreateNetwork(_ key: String) async throws {
    let name = project.networkName(key)
    for container in containers.values where container.networks[name] != nil {
      if container.isRunning { try await stop(container) }
      try await client.disconnectNetwork(name, container: container.id, force: true)
    }
    try await client.removeNetwork(name)
    await board.done("Network \(name)", "Removed")
    try await createNetwork(key)
  }

  private func createVolume(_ key: String) async throws {
    let name = project.volumeName(key)
    try await board.during("Volume \(name)", "Creating", "Created") {
      if invocation.dryRun { return }
      _ = try await client.createVolume(
        ResourceRequests.volume(key, project.volumes[key] ?? [:], in: project))
    }
  }

  // MARK: Containers

  private func requests() -> ContainerRequests {
    var requests = ContainerRequests(project: project)
    requests.separator = invocation.separator
    requests.images = images
    requests.containerIDs = idsByService.compactMapValues(\.first)
    requests.takesSeveralNetworks = severalNetworks
    requests.environmentFiles = invocation.source.envFiles
    return requests
  }

  private func create(_ serviceName: String, _ number: Int) async throws {
    let service = try project.service(serviceName)
    let name = service.containerName(number, in: project.name, separator: invocation.separator)
    let id = try await board.during("Container \(name)", "Creating", "Created") {
      var extras = ContainerRequests.Extras()
      extras.number = number
      return try await make(service, name, as: name, extras)
    }
    idsByService[serviceName, default: []].append(id)
  }

  /// Creates a container that will be known as `name`; joins further networks where creation cannot.
  func make(
    _ service: Service, _ name: String, as created: String, _ extras: ContainerRequests.Extras
  ) async throws -> String {
    if invocation.dryRun { return "dry-run-\(name)" }
    let requests = requests()
    let request = try requests.request(for: service, name: name, extras)
    let answer = try await client.createContainer(
      request, name: created, platform: service.text("platform") ?? "")
    for warning in answer.warnings { Warnings.tell(warning) }
    if !severalNetworks {
      for key in service.networksByPriority.dropFirst() {
        var connection = NetworkConnectRequest()
        connection.container = answer.id
        connection.endpointConfig = requests.endpoint(service, name, key, extras)
        try await client.connectNetwork(project.networkName(key), connection)
      }
    }
    try await FileInjection(project: project, client: client).inject(service, into: answer.id)
    return answer.id
  }

  private func recreate(_ serviceName: String, _ number: Int, _ oldName: String) async throws {
    let service = try project.service(serviceName)
    guard let old = containers[oldName] else { return }
    let name = service.containerName(number, in: project.name, separator: invocation.separator)
    var extras = ContainerRequests.Extras()
    extras.number = number
    extras.labels[Label.replace] = service.containerName ?? "\(service.name)\(invocation.separator)\(number)"
    extras.inherited = renewsVolumes ? [] : old.mounts.filter { isAnonymous($0, service) }
    let wanted = extras
    let id = try await board.during("Container \(oldName)", "Recreate", "Recreated") {
      let id = try await make(service, name, as: "\(old.id.prefix(12))_\(name)", wanted)
      if !invocation.dryRun { try await replace(old, by: id, name) }
      return id
    }
    idsByService[serviceName] = (idsByService[serviceName] ?? []).filter { $0 != old.id } + [id]
  }

  private func replace(_ old: ObservedContainer, by id: String, _ name: String) async throws {
    if old.isRunning { try await client.stopContainer(old.id, timeout: timeout) }
    try await client.removeContainer(old.id)
    try await client.renameContainer(id, to: name)
  }

  private func isAnonymous(_ mount: MountPoint, _ service: Service) -> Bool {
    guard mount.type == "volume", let name = mount.name else { return false }
    let declared = service.parts("volumes").first { $0["target"]?.string == mount.destination }
    if let declared { return declared["type"]?.string == "volume" && declared["source"] == nil }
    return WholeID.matches(name)
  }

  private func stop(_ container: ObservedContainer) async throws {
    let timeout = timeout
    try await board.during(
      "Container \(container.name)", "Stopping", "Stopped", failure: "Error while Stopping"
    ) {
      if invocation.dryRun { return }
      if container.isRunning, let service = project.services[container.service] {
        try await Hooks(client: client).run("pre_stop", of: service, in: container.id)
      }
      try await client.stopContainer(container.id, timeout: timeout)
    }
  }

  private func remove(_ name: String) async throws {
    guard let container = containers[name] else { return }
    if container.isRunning { try await stop(container) }
    try await board.during("Container \(name)", "Removing", "Removed", failure: "Error while Removing") {
      if !invocation.dryRun { try await client.removeContainer(container.id, force: true) }
    }
  }

  private func start(_ serviceName: String, _ name: String) async throws {
    let known = containers[name].flatMap { known in
      idsByService[serviceName]?.contains(known.id) == true ? known.id : nil
    }
    let id = known ?? name
    let before = beforeStart
    try await board.during("Container \(name)", "Starting", "Started") {
      if invocation.dryRun { return }
      try await before?(serviceName, name, id)
      try await client.startContainer(id)
      if let service = project.services[serviceName] {
        try await Hooks(client: client, audience: audience).run("post_start", of: service, in: id)
      }
    }
  }

  // MARK: Waiting

  private func wait(
    _ serviceName: String, _ condition: Dependency.Condition, _ required: Bool, _ by: String
  ) async throws {
    if invocation.dryRun { return }
    let ids = idsByService[serviceName] ?? []
    let waiter = Waiter(client: client, board: board)
    _ = try await mapAtOnce(ids) { id in
      do {
        try await waiter.wait(for: id, service: serviceName, condition)
      } catch {
        guard required else {
          await self.board.warning("Container \(serviceName)", "Skipped: \(error)")
          return
        }
        throw condition == .completed ? error : ComposeFailure("dependency failed to start: \(error)")
      }
    }
  }
}
