import DockerAPI
import EngineErrors
import Filtering

extension Networks {
  /// Networks by name; filters `driver`, `id`, `label`, `name`, `scope`, `type`, `dangling`.
  /// With `containers` each says who is in it.
  public func list(_ filters: Filters = Filters(), containers: Bool = false) throws(EngineError)
    -> [NetworkResource]
  {
    try filters.admit(["dangling", "driver", "id", "label", "name", "scope", "type"])
    let wantsDangling = try filters.dangling()
    if let type = filters["type"].first(where: { $0 != "custom" && $0 != "builtin" }) {
      throw EngineError(.invalidArgument, "invalid filter: 'type'='\(type)'")
    }
    return networks.values.filter { network in
      let isUsed = sandboxes.values.contains { $0.endpoint(in: network.id) != nil }
      return filters.acceptPatterns("name", network.name) && filters.acceptPatterns("id", network.id)
        && filters.accept("driver") { $0 == network.driver.rawValue }
        && filters.accept("scope") { $0 == "local" }
        && filters.accept("type") { ($0 == "builtin") == network.isPredefined }
        && (wantsDangling == nil || wantsDangling == (!isUsed && !network.isPredefined))
        && filters.acceptLabels(network.labels)
    }
    .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    .map { describe($0, containers: containers) }
  }

  public func inspect(_ reference: String) throws(EngineError) -> NetworkResource {
    describe(try find(reference), containers: true)
  }

  /// The name of the network that a name, an id or the beginning of one means.
  public func name(of reference: String) throws(EngineError) -> String { try find(reference).name }

  private func describe(_ network: NetworkRecord, containers: Bool) -> NetworkResource {
    var resource = NetworkResource()
    resource.name = network.name
    resource.id = network.id
    resource.created = network.created
    resource.scope = "local"
    resource.driver = network.driver.rawValue
    resource.enableIPv4 = !network.driver.givesLinks || network.hasIPv4
    resource.enableIPv6 = network.hasIPv6
    resource.internal = network.isInternal
    resource.attachable = network.attachable
    resource.options = network.options
    resource.labels = network.labels
    resource.ipam.driver = "default"
    resource.ipam.options = network.ipamOptions.isEmpty ? nil : network.ipamOptions
    resource.ipam.config = [network.addressing?.told, network.addressing6?.told]
      .compactMap { $0 }
    guard containers else { return resource }
    for sandbox in sandboxes.values {
      guard let endpoint = sandbox.endpoint(in: network.id) else { continue }
      var entry = EndpointResource()
      entry.name = sandbox.name
      entry.endpointID = endpoint.id
      if let link = endpoint.link {
        entry.macAddress = link.macAddress
        entry.ipv4Address = network.addressing?.text(of: link.address) ?? ""
        entry.ipv6Address = network.addressing6?.text(of: link.address6) ?? ""
      }
      resource.containers[sandbox.id] = entry
    }
    return resource
  }

  /// A container's networks by name, as assigned; empty when it does not run.
  public func endpoints(of containerID: String) -> [String: EndpointSettings] {
    guard let sandbox = sandboxes[containerID] else { return [:] }
    var settings: [String: EndpointSettings] = [:]
    for endpoint in sandbox.endpoints {
      guard let network = networks[endpoint.networkID] else { continue }
      settings[network.name] = describe(endpoint, of: sandbox, in: network)
    }
    return settings
  }

  func describe(
    _ endpoint: EndpointRecord, of sandbox: SandboxRecord, in network: NetworkRecord
  ) -> EndpointSettings {
    var settings = endpoint.wish
    settings.networkID = network.id
    settings.endpointID = endpoint.id
    if network.hasNames { settings.dnsNames = NameRecords.names(of: sandbox, endpoint) }
    guard let link = endpoint.link else { return settings }
    settings.macAddress = link.macAddress
    if let address = link.address, let addressing = network.addressing {
      settings.gateway = network.isInternal ? "" : "\(addressing.gateway)"
      settings.ipAddress = "\(address)"
      settings.ipPrefixLen = addressing.subnet.prefixLength
    }
    if let address = link.address6, let addressing = network.addressing6 {
      settings.ipv6Gateway = network.isInternal ? "" : "\(addressing.gateway)"
      settings.globalIPv6Address = "\(address)"
      settings.globalIPv6PrefixLen = addressing.subnet.prefixLength
    }
    return settings
  }
}

extension Addressing {
  /// As the API tells it.
  fileprivate var told: IPAMConfig {
    var config = IPAMConfig()
    config.subnet = "\(subnet)"
    config.gateway = "\(gateway)"
    config.ipRange = range?.description
    if !auxiliary.isEmpty { config.auxiliaryAddresses = auxiliary.mapValues(\.description) }
    return config
  }

  /// An address of the network with the length of its prefix: `172.18.0.2/16`.
  fileprivate func text(of address: Address?) -> String? { address.map { "\($0)/\(subnet.prefixLength)" } }
}

extension Filters {
  /// What networks say of this filter differs from what others say.
  fileprivate func dangling() throws(EngineError) -> Bool? {
    let given = self["dangling"]
    guard given.count <= 1 else {
      throw EngineError(.invalidArgument, "got more than one value for filter key \"dangling\"")
    }
    switch given.first {
    case nil: return nil
    case "0", "false": return false
    case "1", "true": return true
    default:
      throw EngineError(
        .invalidArgument,
        "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")")
    }
  }
}
