import DockerAPI
import EngineErrors
import Flags
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
    let taken = TakenSubnets(networks.values)
    if taken.overlap(record.plan) {
      throw EngineError(
        .forbidden, "invalid pool request: Pool overlaps with other one on this address space")
    }
    try checkBridgeName(record)
    let (bridges, asked) = (bridges, record)
    let bridge = try await blocking { () throws(EngineError) in try bridges.ensure(asked, taken: taken) }
    record.plan = bridge.plan
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
    response.warning = AddressPlan.leftOut(request.ipam, ipv4: record.hasIPv4, ipv6: record.hasIPv6)
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
    guard record.driver == .bridge else { return }
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
    case "", "default", "bridge", "macvlan": break
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
    var record = NetworkRecord(
      id: id, name: request.name, created: now(), driver: request.driver == "macvlan" ? .macvlan : .bridge)
    record.isInternal = request.internal
    record.attachable = request.attachable
    record.options = request.options ?? [:]
    if try !record.take("com.docker.network.enable_ipv4", request.enableIPv4, standard: true) {
      record.enableIPv4 = false
    }
    record.enableIPv6 = try record.take("com.docker.network.enable_ipv6", request.enableIPv6, standard: false)
    guard record.hasIPv4 || record.hasIPv6 else {
      throw EngineError(.invalidArgument, "IPv4 or IPv6 must be enabled")
    }
    record.labels = request.labels ?? [:]
    record.ipamOptions = request.ipam?.options ?? [:]
    if record.driver == .bridge {
      record.bridge = record.options[NetworkRecord.Option.bridgeName] ?? "br-\(ObjectID.short(id))"
    } else {
      _ = try record.macvlan()
    }
    record.plan = try AddressPlan(request.ipam, ipv4: record.hasIPv4, ipv6: record.hasIPv6)
    try record.checkOptions()
    return record
  }

  /// Takes a network away again that could not be finished.
  private func forget(_ record: NetworkRecord) async {
    networks[record.id] = nil
    await dismantle(record)
  }
}

extension NetworkRecord {
  /// What the request says of a family, or the option of the same meaning, which says nothing beside it.
  fileprivate mutating func take(
    _ option: String, _ asked: Bool?, standard: Bool
  ) throws(EngineError) -> Bool {
    guard let text = options[option] else { return asked ?? standard }
    if let asked {
      options[option] = nil
      return asked
    }
    guard let value = GoValues.bool(text) else {
      throw EngineError(.invalidArgument, "driver-opt \"\(option)\" is not a valid bool")
    }
    return value
  }
}
