import DockerAPI
import EngineErrors

extension Networks {
  /// Networks by name; filters `driver`, `id`, `label`, `name`, `scope`, `type`, `dangling`.
  public func list(_ filters: Filters = Filters()) throws(EngineError) -> [NetworkResource] {
    let known: Set<String> = ["dangling", "driver", "id", "label", "name", "scope", "type"]
    if let unknown = filters.unknownKey(among: known) {
      throw EngineError(.invalidArgument, "invalid filter '\(unknown)'")
    }
    if let type = filters["type"].first(where: { $0 != "custom" && $0 != "builtin" }) {
      throw EngineError(.invalidArgument, "invalid filter: 'type'='\(type)'")
    }
    return networks.values.filter { network in
      let isUsed = sandboxes.values.contains { $0.endpoint(in: network.id) != nil }
      return filters.accept("name") { Self.pattern($0, fits: network.name) }
        && filters.accept("id") { Self.pattern($0, fits: network.id) }
        && filters.accept("driver") { $0 == network.driver.rawValue }
        && filters.accept("scope") { $0 == "local" }
        && filters.accept("type") { ($0 == "builtin") == network.isPredefined }
        && filters.accept("dangling") { ["1", "true"].contains($0) == (!isUsed && !network.isPredefined) }
        && filters.acceptLabels(network.labels)
    }
    .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    .map { describe($0, containers: false) }
  }

  public func inspect(_ reference: String, verbose: Bool = false) throws(EngineError) -> NetworkResource {
    describe(try find(reference), containers: true)
  }

  /// The name of the network that a name, an id or the beginning of one means.
  public func name(of reference: String) throws(EngineError) -> String { try find(reference).name }

  /// Docker's patterns as far as people use them: part of the name, `^` and `$` at its ends.
  private static func pattern(_ pattern: String, fits text: String) -> Bool {
    let starts = pattern.hasPrefix("^")
    let ends = pattern.hasSuffix("$")
    let core = String(pattern.dropFirst(starts ? 1 : 0).dropLast(ends ? 1 : 0))
    switch (starts, ends) {
    case (true, true): return text == core
    case (true, false): return text.hasPrefix(core)
    case (false, true): return text.hasSuffix(core)
    case (false, false): return core.isEmpty || text.contains(core)
    }
  }

  private func describe(_ network: NetworkRecord, containers: Bool) -> NetworkResource {
    var resource = NetworkResource()
    resource.name = network.name
    resource.id = network.id
    resource.created = network.created
    resource.scope = "local"
    resource.driver = network.driver.rawValue
    resource.enableIPv4 = true
    resource.internal = network.isInternal
    resource.attachable = network.attachable
    resource.options = network.options
    resource.labels = network.labels
    resource.ipam.driver = "default"
    resource.ipam.options = network.ipamOptions.isEmpty ? nil : network.ipamOptions
    resource.ipam.config = []
    if let addressing = network.addressing {
      var config = IPAMConfig()
      config.subnet = "\(addressing.subnet)"
      config.gateway = "\(addressing.gateway)"
      config.ipRange = addressing.range?.description
      if !addressing.auxiliary.isEmpty {
        config.auxiliaryAddresses = addressing.auxiliary.mapValues(\.description)
      }
      resource.ipam.config = [config]
    }
    guard containers else { return resource }
    for sandbox in sandboxes.values {
      guard let endpoint = sandbox.endpoint(in: network.id) else { continue }
      var entry = EndpointResource()
      entry.name = sandbox.name
      entry.endpointID = endpoint.id
      if let link = endpoint.link, let subnet = network.addressing?.subnet {
        entry.macAddress = link.macAddress
        entry.ipv4Address = "\(link.address)/\(subnet.prefixLength)"
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
    guard let link = endpoint.link, let addressing = network.addressing else { return settings }
    settings.gateway = network.isInternal ? "" : "\(addressing.gateway)"
    settings.ipAddress = "\(link.address)"
    settings.ipPrefixLen = addressing.subnet.prefixLength
    settings.macAddress = link.macAddress
    return settings
  }
}
