import ComposeModel
import DockerAPI
import JSON
import TextFormats

/// Turns a service into the request that makes one of its containers; pure.
struct ContainerRequests {
  let project: Project
  var separator = "-"
  /// The ids of images by name.
  var images: [String: String] = [:]
  /// The ids of containers that others share namespaces with, by service.
  var containerIDs: [String: String] = [:]
  /// Whether the engine takes several networks at creation (API 1.44).
  var takesSeveralNetworks = true
  var environmentFiles: [String] = []

  /// What a container has beyond its service.
  struct Extras: Sendable {
    var number: Int?
    var oneOff = false
    var slug: String?
    var labels: [String: String] = [:]
    var usesAliases = true
    var autoRemove = false
    /// The size of the terminal that it gets, rows and columns.
    var consoleSize: [UInt]?
    var attachesInput = false
    /// Anonymous volumes taken over from the container before, by target.
    var inherited: [MountPoint] = []
  }

  func request(for service: Service, name: String, _ extras: Extras) throws(ComposeFailure)
    -> ContainerCreateRequest
  {
    var request = ContainerCreateRequest()
    request.config = config(service, extras)
    request.hostConfig = try host(service, extras)
    request.hostConfig.consoleSize = extras.consoleSize
    (request.hostConfig.networkMode, request.networkingConfig) = try networking(service, name, extras)
    return request
  }

  func labels(_ service: Service, _ extras: Extras) -> [String: String] {
    var labels: [String: String] = [:]
    for (key, value) in service.members("labels") { labels[key] = value.string ?? "" }
    labels[Label.project] = project.name
    labels[Label.service] = service.name
    labels[Label.version] = VersionCommand.version
    labels[Label.workingDirectory] = project.workingDirectory
    labels[Label.configFiles] = project.files.joined(separator: ",")
    labels[Label.oneOff] = extras.oneOff ? "True" : "False"
    if !environmentFiles.isEmpty { labels[Label.environmentFile] = environmentFiles.joined(separator: ",") }
    labels[Label.configHash] = ConfigHash.of(service)
    if let number = extras.number { labels[Label.number] = "\(number)" }
    if let slug = extras.slug { labels[Label.slug] = slug }
    labels[Label.image] = images[service.imageName(in: project.name, separator: separator)]
    labels[Label.dependsOn] = service.dependencies.sorted { $0.key < $1.key }.map { name, dependency in
      "\(name):\(dependency.condition.rawValue):\(dependency.restart)"
    }.joined(separator: ",")
    return labels.merging(extras.labels) { _, extra in extra }
  }

  private func config(_ service: Service, _ extras: Extras) -> ContainerConfig {
    var config = ContainerConfig()
    config.hostname = service.text("hostname") ?? ""
    config.domainname = service.text("domainname") ?? ""
    config.user = service.text("user") ?? ""
    config.tty = service.flag("tty")
    config.openStdin = service.flag("stdin_open")
    config.attachStdin = extras.attachesInput
    config.stdinOnce = extras.attachesInput && config.openStdin
    config.attachStdout = true
    config.attachStderr = true
    config.exposedPorts = exposedPorts(service)
    config.cmd = service["command"].map { _ in StringList(service.list("command")) }
    config.entrypoint = service["entrypoint"].map { _ in StringList(service.list("entrypoint")) }
    config.image = service.imageName(in: project.name, separator: separator)
    config.workingDir = service.text("working_dir") ?? ""
    config.labels = labels(service, extras)
    config.stopSignal = service.text("stop_signal")
    config.env = service.members("environment").members.sorted { $0.key < $1.key }.map { key, value in
      value.string.map { "\(key)=\($0)" } ?? key
    }
    config.healthcheck = health(service)
    config.stopTimeout = service.text("stop_grace_period").flatMap(Self.nanoseconds).map {
      Int($0 / 1_000_000_000)
    }
    if !takesSeveralNetworks { config.macAddress = service.text("mac_address") }
    return config
  }

  /// Of a duration that the loader has checked.
  static func nanoseconds(_ text: String) -> Int64? {
    // It was written by the loader itself; a fault would be ours.
    try? GoDuration.parse(text)
  }

  private func exposedPorts(_ service: Service) -> [String: EmptyObject] {
    var ports: [String: EmptyObject] = [:]
    for port in service.list("expose") { ports[port.contains("/") ? port : "\(port)/tcp"] = EmptyObject() }
    for port in service.parts("ports") { ports[Self.portKey(port)] = EmptyObject() }
    return ports
  }

  static func portKey(_ port: JSONObject) -> String {
    "\(port["target"]?.integer ?? 0)/\(port["protocol"]?.string ?? "tcp")"
  }

  private func health(_ service: Service) -> HealthConfig? {
    guard let check = service["healthcheck"]?.object else { return nil }
    var health = HealthConfig()
    if check["disable"]?.bool == true {
      health.test = ["NONE"]
      return health
    }
    health.test = check["test"]?.array?.compactMap(\.string)
    func time(_ key: String) -> Int64? { check[key]?.string.flatMap(Self.nanoseconds) }
    health.interval = time("interval")
    health.timeout = time("timeout")
    health.startPeriod = time("start_period")
    health.startInterval = time("start_interval")
    health.retries = check["retries"]?.integer.map { Int($0) }
    return health
  }

  // MARK: Networks

  private func networking(
    _ service: Service, _ name: String, _ extras: Extras
  ) throws(ComposeFailure) -> (mode: String, config: NetworkingConfig) {
    var config = NetworkingConfig()
    if let mode = service.text("network_mode") { return (try shared(mode), config) }
    let keys = service.networksByPriority.isEmpty ? ["default"] : service.networksByPriority
    guard !project.networks.isEmpty, let main = keys.first else { return ("none", config) }
    var endpoints: [String: EndpointSettings] = [:]
    for key in takesSeveralNetworks ? keys : [main] {
      endpoints[project.networkName(key)] = endpoint(service, name, key, extras)
    }
    if let address = service.text("mac_address"), takesSeveralNetworks {
      let mainName = project.networkName(main)
      if endpoints[mainName]?.macAddress == "" { endpoints[mainName]?.macAddress = address }
    }
    config.endpointsConfig = endpoints
    return (project.networkName(main), config)
  }

  /// A namespace mode in which services have become containers.
  func shared(_ mode: String) throws(ComposeFailure) -> String {
    guard mode.hasPrefix("service:") else { return mode }
    let other = String(mode.dropFirst(8))
    guard let id = containerIDs[other] else {
      throw ComposeFailure("cannot share namespace with service \(other): container missing")
    }
    return "container:\(id)"
  }

  /// How a container named `name` stands in the network `key`.
  func endpoint(_ service: Service, _ name: String, _ key: String, _ extras: Extras) -> EndpointSettings {
    var endpoint = EndpointSettings()
    let settings = service.members("networks")[key]?.object ?? [:]
    var aliases = [name]
    if extras.usesAliases {
      aliases.append(service.name)
      aliases += settings["aliases"]?.array?.compactMap(\.string) ?? []
    }
    endpoint.aliases = aliases
    endpoint.links = links(service)
    endpoint.macAddress = settings["mac_address"]?.string ?? ""
    endpoint.driverOpts = Self.texts(settings["driver_opts"])
    if let priority = settings["gw_priority"]?.integer { endpoint.gwPriority = Int(priority) }
    if let interface = settings["interface_name"]?.string {
      endpoint.driverOpts = (endpoint.driverOpts ?? [:]).merging([
        "com.docker.network.endpoint.ifname": interface
      ]) { own, _ in own }
    }
    let addresses = ["ipv4_address", "ipv6_address", "link_local_ips"]
    if addresses.contains(where: { settings[$0] != nil }) {
      var ipam = EndpointIPAMConfig()
      ipam.ipv4Address = settings["ipv4_address"]?.string
      ipam.ipv6Address = settings["ipv6_address"]?.string
      ipam.linkLocalIPs = settings["link_local_ips"]?.array?.compactMap(\.string)
      endpoint.ipamConfig = ipam
      endpoint.ipAddress = ipam.ipv4Address ?? ""
    }
    return endpoint
  }

  /// The names under which linked services are known, besides their own.
  private func links(_ service: Service) -> [String]? {
    var links: [String] = []
    for link in service.list("links") {
      let parts = link.split(separator: ":").map(String.init)
      guard let other = parts.first, project.services[other] != nil else { continue }
      let container =
        project.services[other]?.containerName(1, in: project.name, separator: separator) ?? other
      let alias = parts.count > 1 ? parts[1] : other
      for name in Set([alias, container, String(container.dropFirst(project.name.count + 1))]).sorted() {
        links.append("\(container):\(name)")
      }
    }
    links += service.list("external_links").map { $0.contains(":") ? $0 : "\($0):\($0)" }
    return links.isEmpty ? nil : links
  }

  static func texts(_ value: JSONValue?) -> [String: String]? {
    guard case .object(let members) = value, !members.isEmpty else { return nil }
    return Dictionary(members.map { ($0.key, $0.value.string ?? "") }) { first, _ in first }
  }
}
