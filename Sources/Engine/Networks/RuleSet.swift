/// The firewall's rules as text of nft(8); pure. The chains never change: what changes are the elements of sets and
/// maps, so that a packet costs the same few look-ups with one published port or a thousand.
struct RuleSet: Equatable, Sendable {
  /// IPv4 and IPv6 have a table each.
  enum Family: String, CaseIterable, Sendable {
    case ipv4 = "ip", ipv6 = "ip6"

    /// The type of its addresses.
    fileprivate var address: String { self == .ipv4 ? "ipv4_addr" : "ipv6_addr" }
  }

  enum Collection: String, CaseIterable, Sendable {
    /// Every bridge.
    case bridges
    /// Bridge to bridge, where containers of one network may talk.
    case within
    /// Bridges without a way out.
    case `internal`
    /// A network's subnet and its bridge.
    case subnets
    /// Subnets that go out under the host's address.
    case masqueraded
    /// Ports on every address of the host, and on one of them.
    case published, publishedAt = "published_at"

    func type(_ family: Family) -> String {
      let address = family.address
      return switch self {
      case .bridges, .internal: "set \(rawValue) { type ifname;"
      case .within: "set \(rawValue) { type ifname . ifname;"
      case .subnets: "set \(rawValue) { type \(address) . ifname; flags interval;"
      case .masqueraded: "set \(rawValue) { type \(address); flags interval;"
      case .published: "map \(rawValue) { type inet_proto . inet_service : \(address) . inet_service;"
      case .publishedAt:
        "map \(rawValue) { type \(address) . inet_proto . inet_service : \(address) . inet_service;"
      }
    }
  }

  let table: String
  let family: Family
  /// Keys with their values; sets have empty ones.
  private(set) var elements: [Collection: [String: String]] = [:]

  init(table: String, _ family: Family) {
    self.table = table
    self.family = family
  }

  /// The names of the bridges.
  private(set) var bridges: Set<String> = []

  /// - Parameter subnet: `172.18.0.0/16`; nil where the network has none of the family.
  mutating func add(
    bridge: String, subnet: String?, allowsInside: Bool, isInternal: Bool, masquerades: Bool
  ) {
    bridges.insert(bridge)
    let quoted = "\"\(bridge)\""
    insert(quoted, in: .bridges)
    if allowsInside { insert("\(quoted) . \(quoted)", in: .within) }
    if isInternal { insert(quoted, in: .internal) }
    guard let subnet else { return }
    insert("\(subnet) . \(quoted)", in: .subnets)
    if masquerades { insert(subnet, in: .masqueraded) }
  }

  /// Leads a port to an address of the family: a container's. Whoever comes to `::1` is passed on by the shim, for the
  /// kernel lets nothing with that source onto a bridge.
  mutating func publish(_ port: PublishedPort, to address: String) {
    let value = "\(address) . \(port.containerPort)"
    func key(_ hostPort: UInt16) -> String { "\(port.transport.rawValue) . \(hostPort)" }
    switch (port.hostAddress, family) {
    case (.anyIPv4, .ipv4), (.anyIPv6, .ipv6): insert(key(port.hostPort), value, in: .published)
    case (.ipv4(let host), .ipv4): insert("\(host) . \(key(port.hostPort))", value, in: .publishedAt)
    case (.ipv6(.loopback), .ipv6): break
    case (.ipv6(let host), .ipv6): insert("\(host) . \(key(port.hostPort))", value, in: .publishedAt)
    case (.ipv6, .ipv4):
      guard let loopback = port.ownLoopbackPort else { return }
      insert("\(HostAddress.loopback) . \(key(loopback))", value, in: .publishedAt)
    case (.ipv4, .ipv6): break
    }
  }

  private mutating func insert(_ key: String, _ value: String = "", in collection: Collection) {
    add([key: value], to: collection)
  }

  mutating func add(_ new: [String: String], to collection: Collection) {
    elements[collection, default: [:]].merge(new) { _, new in new }
  }

  /// One transaction that makes the table anew with everything in it, whatever was there.
  var installation: String {
    let place = "table \(family.rawValue) \(table)"
    var lines = [place, "delete \(place)", "\(place) {"]
    for collection in Collection.allCases {
      let content = Self.list(elements[collection] ?? [:])
      lines.append("  \(collection.type(family))\(content.isEmpty ? "" : " elements = { \(content) }") }")
    }
    return (lines + [Self.chains(family), "}"]).map { $0 + "\n" }.joined()
  }

  /// One transaction from `old` to this; empty when nothing differs.
  func changes(from old: RuleSet) -> String {
    var removals: [String] = []
    var additions: [String] = []
    for collection in Collection.allCases {
      let before = old.elements[collection] ?? [:]
      let after = elements[collection] ?? [:]
      let gone = before.filter { after[$0.key] != $0.value }.mapValues { _ in "" }
      let new = after.filter { before[$0.key] != $0.value }
      let place = "element \(family.rawValue) \(table) \(collection.rawValue)"
      if !gone.isEmpty { removals.append("delete \(place) { \(Self.list(gone)) }\n") }
      if !new.isEmpty { additions.append("add \(place) { \(Self.list(new)) }\n") }
    }
    return (removals + additions).joined()
  }

  /// The chains as nft(8) lists them, without what is blank.
  static func chainLines(_ family: Family) -> [String] {
    chains(family).split(separator: "\n").map { String($0.drop { $0 == " " }) }
  }

  static func removal(of table: String, _ family: Family) -> String {
    "table \(family.rawValue) \(table)\ndelete table \(family.rawValue) \(table)\n"
  }

  private static func list(_ elements: [String: String]) -> String {
    elements.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? $0.key : "\($0.key) : \($0.value)" }
      .joined(separator: ", ")
  }
}
