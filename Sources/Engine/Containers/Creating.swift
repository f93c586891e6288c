import Bundles
import DockerAPI
import EngineErrors
import Images
import Linux
import Networks
import OCISpec
import Reactor
import Records
import Snapshots

extension Containers {
  /// Makes a container; it does not run yet. With `readOnlyIsFlat` what is mounted below a read-only mount stays
  /// writable.
  public func create(
    name: String?, _ request: ContainerCreateRequest, platform: Platform? = nil, readOnlyIsFlat: Bool = false
  ) async throws(EngineError) -> ContainerCreateResponse {
    let id = ObjectID.random()
    let name = name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
    var request = request
    var warnings = CreateWarnings.discard(services.settings.features, &request.hostConfig)
    warnings += CreateWarnings.idle(request.hostConfig)
    try CreateRequestCheck.check(request)
    let given: String
    if let name, !name.isEmpty {
      try claim(name, for: id)
      given = name
    } else {
      given = claimAnyName(for: id)
    }
    do throws(EngineError) {
      let image = try await image(for: request, platform)
      warnings += CreateWarnings.platform(image.platform, platform)
      let record = try await makeRecord(id, given, request, image, readOnlyIsFlat)
      let container = adopt(record)
      await container.publish("create")
    } catch {
      names[given] = nil
      containers[id] = nil
      // What the failed attempt left on disk goes; its own failure is what the user must hear.
      try? await services.snapshots.discard(id)
      throw error
    }
    var response = ContainerCreateResponse()
    response.id = id
    response.warnings = warnings
    return response
  }

  /// Registers a container that has a record.
  @discardableResult
  func adopt(_ record: ContainerRecord) -> Container {
    let container = Container(record, services: services, table: table, registry: self)
    containers[record.id] = container
    names[record.name] = record.id
    return container
  }

  private func image(
    for request: ContainerCreateRequest, _ platform: Platform?
  ) async throws(EngineError) -> Image {
    let image = try await services.images.find(request.config.image)
    if let platform, !image.platform.serves(platform) {
      throw EngineError(
        .notFound,
        "image with reference \(request.config.image) was found but its platform (\(image.platform)) does not match the specified platform (\(platform))"
      )
    }
    return image
  }

  private func makeRecord(
    _ id: String, _ name: String, _ request: ContainerCreateRequest, _ image: Image, _ readOnlyIsFlat: Bool
  ) async throws(EngineError) -> ContainerRecord {
    var host = Self.normalised(request.hostConfig)
    host.logConfig = try LogWishes.completed(host.logConfig, by: services.settings.defaultLog)
    let config = try request.config.merged(with: image.config.config ?? ImageDefaults())
    let paths = try Bundle.guardedPaths(host)
    (host.maskedPaths, host.readonlyPaths) = (paths.masked, paths.readonly)
    try await resolveSharedNamespaces(&host)
    try EndpointCheck.check(request.networkingConfig.endpointsConfig ?? [:])
    let networks = await namedByName(
      config.networkDisabled == true ? [:] : Self.networks(host, request.networkingConfig), &host)
    let inherited = try await mountsFrom(host.volumesFrom ?? [])
    var wanted = try mountRequests(config, host)
    if readOnlyIsFlat { for index in wanted.indices { wanted[index].readOnlyIsFlat = true } }
    let top = image.layers.last?.chainID
    _ = try await services.snapshots.prepare(id, on: top, isMarked: true)
    var mounts = try await resolve(
      wanted.filter { request in !inherited.contains { $0.destination == request.destination } })
    mounts += inherited.filter { old in !mounts.contains { $0.destination == old.destination } }
    mounts.placeImages(below: services.settings.directory(of: id))
    let links = try await links(host)
    let record = ContainerRecord(
      id: id, name: name, created: Moment.now(), imageID: image.id.description, config: config,
      hostConfig: host,
      networks: networks, mounts: mounts, links: links.isEmpty ? nil : links)
    try await table.put(id, record)
    return record
  }

  /// `--network default` and none mean the bridge network.
  private static func normalised(_ host: HostConfig) -> HostConfig {
    var host = host
    if host.networkMode.isEmpty || host.networkMode == "default" { host.networkMode = "bridge" }
    if host.restartPolicy.name.isEmpty { host.restartPolicy.name = "no" }
    // As much swap as memory, unless said otherwise.
    if host.memory > 0, host.memorySwap == 0 { host.memorySwap = host.memory * 2 }
    // The client's word for none.
    if host.memorySwappiness == -1 { host.memorySwappiness = nil }
    if let limit = host.pidsLimit, limit <= 0 { host.pidsLimit = nil }
    if host.shmSize == 0 { host.shmSize = 64 << 20 }
    if host.ipcMode.isEmpty { host.ipcMode = "private" }
    if (host.runtime ?? "").isEmpty { host.runtime = RuntimeName.own }
    if host.cgroupnsMode.isEmpty { host.cgroupnsMode = "private" }
    return host
  }

  private static func networks(
    _ host: HostConfig, _ networking: NetworkingConfig
  ) -> [String: EndpointSettings] {
    let mode = host.networkMode
    if mode == "host" || mode == "none" || mode.hasPrefix("container:") { return [:] }
    var networks: [String: EndpointSettings] = [:]
    for (name, settings) in networking.endpointsConfig ?? [:] {
      networks[name == "default" ? "bridge" : name] = settings
    }
    networks[mode] = networks[mode] ?? EndpointSettings()
    return networks
  }

  /// A container that another one's settings name. That it is missing is the request's fault: clients take "not found"
  /// for a missing image, and pull.
  func wished(_ reference: String) throws(EngineError) -> Container {
    do throws(EngineError) { return try find(reference) } catch  where error.kind == .notFound {
      throw EngineError(.invalidArgument, error.message)
    }
  }

  /// Networks that were given by id are known by name from here on; what does not exist yet is asked for at the start.
  private func namedByName(
    _ networks: [String: EndpointSettings], _ host: inout HostConfig
  ) async -> [String: EndpointSettings] {
    var named: [String: EndpointSettings] = [:]
    for (reference, wish) in networks {
      let name = (try? await services.networks.name(of: reference)) ?? reference
      named[name] = wish
      if host.networkMode == reference { host.networkMode = name }
    }
    return named
  }

  /// Names of containers in `--network|--ipc|--pid container:NAME` become ids.
  private func resolveSharedNamespaces(_ host: inout HostConfig) async throws(EngineError) {
    func resolved(_ mode: String) throws(EngineError) -> String {
      guard mode.hasPrefix("container:") else { return mode }
      return "container:" + (try wished(String(mode.dropFirst("container:".count))).id)
    }
    host.networkMode = try resolved(host.networkMode)
    host.ipcMode = try resolved(host.ipcMode)
    host.pidMode = try resolved(host.pidMode)
  }
}
