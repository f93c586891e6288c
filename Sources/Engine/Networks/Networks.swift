import DockerAPI
import EngineErrors
import Events
import Linux
import Netlink
import Reactor
import Records
import TextFormats

/// The networks of one engine and the containers in them.
///
/// Networks are kept in the database; what belongs to running containers (namespaces, links, addresses, ports) is
/// kept in the exec root, because it ends with the host at the latest. The kernel does the work: nothing of it stops
/// while the engine is away, and `restore` finds it again.
public actor Networks {
  let defaults: NetworkDefaults
  let events: Events
  let table: Table<NetworkRecord>
  let files: SandboxFiles
  let bridges: Bridges
  let rules: Rules

  /// By id.
  var networks: [String: NetworkRecord] = [:]
  /// By container.
  var sandboxes: [String: SandboxRecord] = [:]
  /// Containers between two runs, whose networks were told to be left and stay theirs.
  var toldDisconnected: Set<String> = []
  var habits = Habits()
  /// Bridges known to stand, by network.
  var standing: [String: Bridges.Bridge] = [:]
  /// Not all bridges are known yet: rules made now would know some ports, but not the networks that they lead to.
  var isRestoring = false
  /// By network: addresses that are promised before they are in a sandbox' record, or whose links are not deleted yet.
  var promised: [String: TakenAddresses] = [:]
  /// Conversations with sandboxes that are being set up.
  var inside: [String: NetlinkSession] = [:]
  var ports = PortTable()
  /// Names of networks that are being made.
  var arriving: Set<String> = []
  /// What closed sandboxes left to be deleted.
  var graves: [Grave] = []
  var reaper: Task<Void, Never>?
  var rulesVersion: UInt64 = 0

  /// Reads what the database knows. `restore` must follow before the first use.
  public init(
    database: Database, events: Events, defaults: NetworkDefaults
  ) throws(EngineError) {
    self.defaults = defaults
    self.events = events
    table = Table("networks", in: database)
    files = SandboxFiles(execRoot: defaults.execRoot)
    bridges = try Bridges(defaults)
    rules = Rules(table: defaults.table)
    for (id, record) in try table.all() { networks[id] = record }
    for name in NetworkRecord.predefinedNames where !networks.values.contains(where: { $0.name == name }) {
      let record = Self.predefined(name, defaults)
      networks[record.id] = record
    }
    for (id, record) in networks where record.name == "bridge" { networks[id] = record.updated(defaults) }
    try files.prepare()
  }

  private static func predefined(_ name: String, _ defaults: NetworkDefaults) -> NetworkRecord {
    let driver: NetworkRecord.Driver = name == "bridge" ? .bridge : name == "host" ? .host : .null
    var record = NetworkRecord(id: ObjectID.random(), name: name, created: now(), driver: driver)
    if driver == .bridge {
      record.bridge = defaults.defaultBridge
      record.options = [
        NetworkRecord.Option.defaultBridge: "true", NetworkRecord.Option.interContainer: "true",
        NetworkRecord.Option.masquerade: "true", NetworkRecord.Option.hostAddress: defaults.hostAddress,
        NetworkRecord.Option.bridgeName: defaults.defaultBridge,
      ]
    }
    return record
  }

  static func now() -> String { Timestamp(nanoseconds: Clock.realtime).rfc3339 }

  /// The network of this id, name or unambiguous beginning of an id, in this order.
  func find(_ reference: String) throws(EngineError) -> NetworkRecord {
    let name = reference == "default" ? "bridge" : reference
    if let network = networks[name] ?? networks.values.first(where: { $0.name == name }) { return network }
    let matches = name.isEmpty ? [] : networks.values.filter { $0.id.hasPrefix(name) }
    guard let match = matches.first else { throw EngineError(.notFound, "network \(reference) not found") }
    guard matches.count == 1 else {
      throw EngineError(
        .invalidArgument,
        "network \(reference) is ambiguous (\(matches.count) matches found based on ID prefix)")
    }
    return match
  }

  /// The containers with an endpoint in a network.
  public func attached(to reference: String) throws(EngineError) -> [String] {
    let id = try find(reference).id
    return sandboxes.values.filter { $0.endpoint(in: id) != nil }.map(\.id).sorted()
  }

  /// The bridge of a network, made at its first use.
  func bridge(of network: NetworkRecord, anew: Bool = false) async throws(EngineError) -> Bridges.Bridge {
    if let bridge = standing[network.id], !anew { return bridge }
    let taken = TakenSubnets(networks.values.filter { $0.id != network.id })
    let bridges = bridges
    let isEmpty = !sandboxes.values.contains { $0.endpoint(in: network.id) != nil }
    let bridge = try await blocking { () throws(EngineError) in
      try bridges.ensure(network, taken: taken, mayMove: isEmpty)
    }
    standing[network.id] = bridge
    if networks[network.id] != nil, networks[network.id]?.plan != bridge.plan {
      networks[network.id]?.plan = bridge.plan
      if let record = networks[network.id] { try await table.put(record.id, record) }
    }
    if !isRestoring { try await applyRules() }
    return bridge
  }

  func tell(_ action: String, _ network: NetworkRecord, container: String? = nil) {
    var attributes = ["name": network.name, "type": network.driver.rawValue]
    attributes["container"] = container
    events.publish(type: "network", action: action, id: network.id, attributes: attributes)
  }
}
