import Assembly
import DaemonSettings
import DockerAPI
import EngineErrors
import Networks
import Volumes

extension Gate {
  /// A request's body as it may be carried out: stamped with the socket's label, refused where it reaches beyond.
  /// A kind of body that is not known here is refused.
  func admit<Value>(_ value: Value) async throws -> Value {
    let admitted: Any
    switch value {
    case let request as ContainerCreateRequest: admitted = try await self.admitted(request)
    case let request as NetworkCreateRequest: admitted = try self.admitted(request)
    case let request as VolumeCreateRequest: admitted = try await self.admitted(request)
    case let request as ExecCreateRequest:
      try refuse(request.privileged ? "Privileged" : nil)
      admitted = request
    case let request as NetworkConnectRequest:
      _ = try await container(request.container, controlled: false)
      try await checkLinks(request.endpointConfig)
      admitted = request
    case let request as NetworkDisconnectRequest:
      _ = try await container(request.container, controlled: false)
      admitted = request
    case let request as HostConfig:
      if scope.role < .admin { try refuse(Powers.beyond(request)) }
      admitted = request
    case is RegistryAuth, is ExecStartRequest: admitted = value
    default: throw EngineError(.forbidden, "such a request is not allowed on this socket")
    }
    guard let result = admitted as? Value else {
      throw EngineError(.forbidden, "such a request is not allowed on this socket")
    }
    return result
  }

  private func refuse(_ power: String?) throws(EngineError) {
    guard let power, scope.role < .admin else { return }
    throw EngineError(
      .forbidden, "\(power) is not allowed on this socket: its role is \(scope.role.name), not admin")
  }

  private func admitted(_ request: ContainerCreateRequest) async throws -> ContainerCreateRequest {
    var request = request
    try refuse(Powers.beyond(request.hostConfig))
    scope.stamp(&request.config.labels)
    try await checkImage(request.config.image)
    for mount in request.hostConfig.mounts ?? [] where mount.type == "image" {
      try await checkImage(mount.source ?? "")
    }
    try await checkJoins(request.hostConfig)
    request.hostConfig = try await bound(request.hostConfig)
    let mode = request.hostConfig.networkMode
    if !mode.hasPrefix("container:") { _ = try await joinable(network: mode) }
    for (name, settings) in request.networkingConfig.endpointsConfig ?? [:] {
      _ = try await joinable(network: name)
      if !settings.networkID.isEmpty { _ = try await joinable(network: settings.networkID) }
      try await checkLinks(settings)
    }
    try await takeVolumes(request.hostConfig)
    return request
  }

  /// Names of containers become ids: a name may mean another's container by the time of the start.
  private func bound(_ host: HostConfig) async throws -> HostConfig {
    guard scope.label != nil else { return host }
    var host = host
    for path in [\HostConfig.pidMode, \HostConfig.ipcMode, \HostConfig.networkMode] {
      let mode = host[keyPath: path]
      guard mode.hasPrefix("container:") else { continue }
      let id = try await container(String(mode.dropFirst("container:".count)), controlled: false).id
      host[keyPath: path] = "container:\(id)"
    }
    var sources: [String] = []
    for source in host.volumesFrom ?? [] {
      let name = source.prefix { $0 != ":" }
      sources.append(try await container(String(name), controlled: false).id + source.dropFirst(name.count))
    }
    if !sources.isEmpty { host.volumesFrom = sources }
    return host
  }

  private func checkLinks(_ settings: EndpointSettings?) async throws {
    for link in settings?.links ?? [] {
      _ = try await container(String(link.prefix { $0 != ":" }), controlled: false)
    }
  }

  /// Volumes that are named must be one's own; those that are not there yet are made, with the label.
  private func takeVolumes(_ host: HostConfig) async throws {
    guard scope.label != nil || scope.role < .admin else { return }
    var names = (host.binds ?? []).compactMap(Powers.volumeName(bind:))
    names += (host.mounts ?? []).filter { $0.type == "volume" }.compactMap(\.source).filter { !$0.isEmpty }
    for name in names {
      // What is not there yet is made.
      if let there = try? await engine.volumes.inspect(name) {
        guard scope.owns(there.labels) else { throw EngineError(.notFound, "get \(name): no such volume") }
        if await hasOptions(volume: name) { try refuse("volume \(name) with driver options") }
      } else if scope.label != nil {
        var wish = VolumeCreateRequest()
        wish.name = name
        scope.stamp(&wish.labels)
        _ = try await engine.volumes.create(wish)
      }
    }
  }

  private func admitted(_ request: VolumeCreateRequest) async throws -> VolumeCreateRequest {
    var request = request
    if !(request.driverOpts ?? [:]).isEmpty { try refuse("DriverOpts") }
    if !["", "local"].contains(request.driver) { try refuse("Driver \(request.driver)") }
    // What is not there yet may come.
    if !request.name.isEmpty, let there = try? await engine.volumes.inspect(request.name) {
      guard scope.owns(there.labels) else {
        throw EngineError(.conflict, "volume name \(request.name) is taken")
      }
    }
    scope.stamp(&request.labels)
    return request
  }

  /// A bridge of the engine's own making: options could name one of the host, subnets could take the host's traffic.
  private func admitted(_ request: NetworkCreateRequest) throws -> NetworkCreateRequest {
    var request = request
    if !["", "bridge", "default"].contains(request.driver) { try refuse("Driver \(request.driver)") }
    for name in (request.options ?? [:]).keys.sorted() where name != "com.docker.network.driver.mtu" {
      try refuse("Options \(name)")
    }
    if request.ipam?.config?.isEmpty == false { try refuse("IPAM Config") }
    if request.ipam?.options?.isEmpty == false { try refuse("IPAM Options") }
    if request.configFrom?.network.isEmpty == false || request.configOnly { try refuse("ConfigFrom") }
    scope.stamp(&request.labels)
    return request
  }
}
