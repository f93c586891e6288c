import DockerAPI
import EngineErrors
import Reactor
import Records

extension Networks {
  /// Makes a network and its bridge.
  public func create(_ request: NetworkCreateRequest) async throws(EngineError) -> NetworkCreateResponse {
    let name = request.name
    try checkName(name)
    guard arriving.insert(name).inserted else {
      throw EngineError(.conflict, "network with name \(name) already exists")
    }
    defer { arriving.remove(name) }
    var record = try Self.record(request)
    let taken = networks.values.compactMap { $0.addressing?.subnet }
    if let subnet = record.addressing?.subnet, taken.contains(where: { $0.overlaps(subnet) }) {
      throw EngineError(
        .forbidden, "invalid pool request: Pool overlaps with other one on this address space")
    }
    try checkBridgeName(record)
    let (bridges, asked) = (bridges, record)
    let bridge = try await blocking { () throws(EngineError) in try bridges.ensure(asked, taken: taken) }
    record.addressing = bridge.addressing
    networks[record.id] = record
    standing[record.id] = bridge
    do throws(EngineError) {
      try await table.put(record.id, record)
      try await applyRules()
      try writeNames(of: record.id)
    } catch {
      await forget(record)
      throw error
    }
    tell("create", record)
    var response = NetworkCreateResponse()
    response.id = record.id
    if request.enableIPv6 == true {
      response.warning = "IPv6 is not supported yet: the network has IPv4 addresses only"
    }
    return response
  }

  private func checkName(_ name: String) throws(EngineError) {
    let fits =
      name.utf8.count <= 255 && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") }
    guard !name.isEmpty, fits, !name.hasPrefix(" "), !name.hasSuffix(" ") else {
      throw EngineError(.invalidArgument, "invalid network name: \"\(name)\"")
    }
    guard !NetworkRecord.predefinedNames.contains(name), name != "default" else {
      throw EngineError(.forbidden, "operation is not permitted on predefined \(name) network")
    }
    guard !networks.values.contains(where: { $0.name == name }) else {
      throw EngineError(.conflict, "network with name \(name) already exists")
    }
  }

  /// A bridge of the user's name must not be one of another network.
  private func checkBridgeName(_ record: NetworkRecord) throws(EngineError) {
    let bridge = record.bridge
    let fits =
      (1...15).contains(bridge.utf8.count) && bridge != "." && bridge != ".."
      && bridge.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"/:\"\\*".utf8.contains($0) }
    guard fits else { throw EngineError(.invalidArgument, "invalid bridge name: \"\(bridge)\"") }
    if let other = networks.values.first(where: { $0.bridge == bridge }) {
      throw EngineError(
        .forbidden,
        "cannot create network \(record.id) (\(bridge)): conflicts with network \(other.id) (\(bridge)): networks have same bridge name"
      )
    }
  }

  private static func record(_ request: NetworkCreateRequest) throws(EngineError) -> NetworkRecord {
    switch request.driver {
    case "", "default", "bridge": break
    case "host", "null", "none":
      throw EngineError(
        .forbidden, "only one instance of \"\(request.driver)\" network is allowed")
    case "overlay":
      throw EngineError(
        .unavailable,
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to "
          + "swarm and try again.")
    default: throw EngineError(.notFound, "plugin \"\(request.driver)\" not found")
    }
    if request.scope == "swarm" {
      throw EngineError(.forbidden, "cannot create a swarm scoped network when swarm is not active")
    }
    if let scope = request.scope, !scope.isEmpty, scope != "local" {
      throw EngineError(.invalidArgument, "scope \(scope) needs a swarm: only local networks can be created")
    }
    guard !request.configOnly, request.configFrom?.network ?? "" == "", !request.ingress else {
      throw EngineError(.notImplemented, "config-only and ingress networks are not supported")
    }
    let id = ObjectID.random()
    var record = NetworkRecord(id: id, name: request.name, created: now(), driver: .bridge)
    record.isInternal = request.internal
    record.attachable = request.attachable
    record.enableIPv6 = request.enableIPv6 ?? false
    record.options = request.options ?? [:]
    record.labels = request.labels ?? [:]
    record.ipamOptions = request.ipam?.options ?? [:]
    record.bridge = record.options[NetworkRecord.Option.bridgeName] ?? "br-\(ObjectID.short(id))"
    record.addressing = try Addressing(request.ipam)
    if let mtu = record.options[NetworkRecord.Option.mtu] { _ = try Bridges.mtu(mtu) }
    return record
  }

  /// Takes a network away again that could not be finished.
  private func forget(_ record: NetworkRecord) async {
    networks[record.id] = nil
    await dismantle(record)
  }
}

extension Addressing {
  /// What the request says, checked; nil where it leaves the choice to us.
  init?(_ ipam: IPAM?) throws(EngineError) {
    guard let ipam else { return nil }
    guard ["", "default"].contains(ipam.driver) else {
      throw EngineError(
        .notFound, "could not find plugin \(ipam.driver): only the default IPAM driver is there")
    }
    // Subnets with colons are IPv6: they are left out, and the answer warns.
    let configs = (ipam.config ?? []).filter {
      !($0.subnet ?? "").contains(":") && !($0.gateway ?? "").contains(":")
    }
    guard let config = configs.first(where: { !($0.subnet ?? "").isEmpty }) else {
      if configs.contains(where: { !($0.gateway ?? "").isEmpty || !($0.ipRange ?? "").isEmpty }) {
        throw EngineError(.invalidArgument, "no matching subnet: a gateway or an ip-range needs a subnet")
      }
      return nil
    }
    guard configs.count == 1 else {
      throw EngineError(.invalidArgument, "bridge driver doesn't support multiple subnets")
    }
    try self.init(config)
  }

  private init(_ config: IPAMConfig) throws(EngineError) {
    func bad(_ what: String, _ text: String) -> EngineError {
      EngineError(.invalidArgument, "invalid network config: invalid \(what) \(text)")
    }
    let text = config.subnet ?? ""
    guard let (address, prefix) = Subnet.parse(text), (1...30).contains(prefix) else {
      throw bad("subnet", "\(text): it must be like 10.1.0.0/16, with a prefix of 1 to 30")
    }
    let subnet = Subnet(address, prefix)
    guard address == subnet.base else { throw bad("subnet", "\(text): it should be \(subnet)") }
    let first = IPv4Address(number: subnet.first.number + 1)
    var range: Subnet?
    if let text = config.ipRange, !text.isEmpty {
      guard let wanted = Subnet(text), subnet.contains(wanted) else {
        throw bad("ip-range", "\(text): it must lie inside \(subnet)")
      }
      range = wanted
    }
    // Docker takes the range's first address where there is a range.
    var gateway = range.map { $0.base == subnet.base ? first : $0.base } ?? first
    if let text = config.gateway, !text.isEmpty {
      guard let wanted = IPv4Address(text), subnet.contains(wanted), wanted != subnet.first,
        wanted != subnet.last
      else { throw bad("gateway", "\(text): it must be an address inside \(subnet)") }
      gateway = wanted
    }
    var auxiliary: [String: IPv4Address] = [:]
    for (name, text) in config.auxiliaryAddresses ?? [:] {
      guard let wanted = IPv4Address(text), subnet.contains(wanted) else {
        throw bad("auxiliary address", "\(text): it must be an address inside \(subnet)")
      }
      auxiliary[name] = wanted
    }
    self.init(subnet: subnet, gateway: gateway, range: range, auxiliary: auxiliary, chosenByUser: true)
  }
}
