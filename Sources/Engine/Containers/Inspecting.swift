import Bundles
import DockerAPI
import EngineErrors
import Images
import Networks
import ShimProtocol
import Snapshots

extension Containers {
  public func inspect(_ reference: String, size: Bool = false) async throws(EngineError) -> ContainerInspect {
    try await find(reference).inspect(size: size)
  }
}

extension Container {
  func inspect(size: Bool) async throws(EngineError) -> ContainerInspect {
    await stopBetweenIsOver()
    var answer = ContainerInspect()
    answer.id = id
    answer.created = record.created
    answer.path = record.path
    answer.args = record.arguments
    answer.state = state
    answer.image = record.imageID
    answer.resolvConfPath = "\(directory)/resolv.conf"
    answer.hostnamePath = "\(directory)/hostname"
    answer.hostsPath = "\(directory)/hosts"
    answer.logPath = record.hostConfig.logConfig.type == "local" ? "" : logOptions.path ?? ""
    answer.name = "/\(record.name)"
    answer.restartCount = record.life.restartCount
    answer.driver = "overlay2"
    answer.platform = "linux"
    let execIDs = execs.openIDs
    answer.execIDs = execIDs.isEmpty ? nil : execIDs
    answer.hostConfig = limitedHostConfig
    answer.hostConfig.ioMaximumIOps = 0
    answer.hostConfig.ioMaximumBandwidth = 0
    if record.links != nil { answer.hostConfig.links = await registry.linkTexts(record) }
    answer.graphDriver = try await graphDriver()
    answer.mounts = record.mounts.filter { $0.kind != .tmpfs }.map(\.point)
    answer.config = record.config
    let address = record.networks[record.hostConfig.networkMode]?.macAddress ?? ""
    if !address.isEmpty { answer.config.macAddress = address }
    if answer.config.hostname.isEmpty { answer.config.hostname = record.shortID }
    answer.networkSettings = await networkSettings()
    if size {
      let own = try await services.snapshots.usage(id)
      answer.sizeRw = own
      answer.sizeRootFs = own + ((try? await services.images.find(record.imageID))?.size ?? 0)
    }
    return answer
  }

  var state: ContainerState {
    let life = record.life
    var state = ContainerState()
    state.status = removing ? "removing" : life.phase.rawValue
    state.running = life.isRunning
    state.paused = life.phase == .paused
    state.restarting = life.phase == .restarting
    state.oomKilled = life.outOfMemory
    state.pid = Int(life.pid)
    state.exitCode = Int(life.exitCode)
    state.error = life.error
    state.startedAt = life.startedAt
    state.finishedAt = life.finishedAt
    state.health = health
    return state
  }

  private var health: Health? {
    guard record.life.hasRun, let test = record.config.healthcheck?.test?.first, test != "NONE" else {
      return nil
    }
    var health = Health()
    health.status = record.life.health?.status.rawValue ?? "starting"
    health.failingStreak = record.life.health?.failingStreak ?? 0
    health.log = (record.life.health?.log ?? []).map { probe in
      var result = HealthcheckResult()
      result.start = probe.start
      result.end = probe.end
      result.exitCode = Int(probe.exitCode)
      result.output = probe.output
      return result
    }
    return health
  }

  private func graphDriver() async throws(EngineError) -> GraphDriver {
    let layers = try await services.snapshots.rootFileSystem(id)
    var driver = GraphDriver()
    driver.name = "overlay2"
    driver.data = [
      "LowerDir": layers.lower.map { "\(layers.layersDirectory)/\($0)" }.joined(separator: ":"),
      "UpperDir": layers.upper ?? "", "WorkDir": layers.work ?? "", "MergedDir": "\(directory)/rootfs",
    ]
    return driver
  }

  func networkSettings() async -> NetworkSettings {
    var settings = NetworkSettings()
    settings.networks = await currentNetworks()
    settings.ports = await currentPorts()
    guard record.life.isRunning else { return settings }
    settings.sandboxID = id
    settings.sandboxKey = "\(services.settings.execRoot)/netns/\(id)"
    if let bridge = settings.networks["bridge"] {
      settings.endpointID = bridge.endpointID
      settings.gateway = bridge.gateway
      settings.ipAddress = bridge.ipAddress
      settings.ipPrefixLen = bridge.ipPrefixLen
      settings.macAddress = bridge.macAddress
      settings.ipv6Gateway = bridge.ipv6Gateway
      settings.globalIPv6Address = bridge.globalIPv6Address
      settings.globalIPv6PrefixLen = bridge.globalIPv6PrefixLen
    }
    return settings
  }

  /// What was assigned while it runs, what was wished for otherwise.
  func currentNetworks() async -> [String: EndpointSettings] {
    guard record.life.isRunning else { return record.networks }
    let assigned = await services.networks.endpoints(of: id)
    return record.networks.merging(assigned) { _, now in now }
  }

  /// The published ports, and the exposed ones with none.
  func currentPorts() async -> PortMap {
    guard record.life.isRunning else { return [:] }
    var ports: PortMap = [:]
    for port in (record.config.exposedPorts ?? [:]).keys { ports[port] = [] }
    return ports.merging(await services.networks.publishedPorts(of: id)) { _, now in now }
  }
}
