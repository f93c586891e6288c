/// The firewall's rules as text of nft(8); pure. The chains never change: what changes are the elements of sets and
/// maps, so that a packet costs the same few look-ups with one published port or a thousand.
struct RuleSet: Equatable, Sendable {
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

    var type: String {
      switch self {
      case .bridges, .internal: "set \(rawValue) { type ifname;"
      case .within: "set \(rawValue) { type ifname . ifname;"
      case .subnets: "set \(rawValue) { type ipv4_addr . ifname; flags interval;"
      case .masqueraded: "set \(rawValue) { type ipv4_addr; flags interval;"
      case .published: "map \(rawValue) { type inet_proto . inet_service : ipv4_addr . inet_service;"
      case .publishedAt:
        "map \(rawValue) { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;"
      }
    }
  }

  let table: String
  /// Keys with their values; sets have empty ones.
  private(set) var elements: [Collection: [String: String]] = [:]

  init(table: String) { self.table = table }

  /// The names of the bridges.
  private(set) var bridges: Set<String> = []

  mutating func add(bridge: String, subnet: Subnet, allowsInside: Bool, isInternal: Bool, masquerades: Bool) {
    bridges.insert(bridge)
    let quoted = "\"\(bridge)\""
    insert(quoted, in: .bridges)
    if allowsInside { insert("\(quoted) . \(quoted)", in: .within) }
    if isInternal { insert(quoted, in: .internal) }
    insert("\(subnet) . \(quoted)", in: .subnets)
    if masquerades { insert("\(subnet)", in: .masqueraded) }
  }

  mutating func publish(_ port: PublishedPort, to address: IPv4Address) {
    let value = "\(address) . \(port.containerPort)"
    func key(_ hostPort: UInt16) -> String { "\(port.transport.rawValue) . \(hostPort)" }
    switch port.hostAddress {
    case .anyIPv4: insert(key(port.hostPort), value, in: .published)
    case .ipv4(let host): insert("\(host) . \(key(port.hostPort))", value, in: .publishedAt)
    case .ipv6:
      guard let loopback = port.ownLoopbackPort else { return }
      insert("\(HostAddress.loopback) . \(key(loopback))", value, in: .publishedAt)
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
    var lines = ["table ip \(table)", "delete table ip \(table)", "table ip \(table) {"]
    for collection in Collection.allCases {
      let content = Self.list(elements[collection] ?? [:])
      lines.append("  \(collection.type)\(content.isEmpty ? "" : " elements = { \(content) }") }")
    }
    return (lines + [Self.chains, "}"]).map { $0 + "\n" }.joined()
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
      let place = "element ip \(table) \(collection.rawValue)"
      if !gone.isEmpty { removals.append("delete \(place) { \(Self.list(gone)) }\n") }
      if !new.isEmpty { additions.append("add \(place) { \(Self.list(new)) }\n") }
    }
    return (removals + additions).joined()
  }

  /// The chains as nft(8) lists them, without what is blank.
  static let chainLines = chains.split(separator: "\n").map { String($0.drop { $0 == " " }) }

  static func removal(of table: String) -> String { "table ip \(table)\ndelete table ip \(table)\n" }

  private static func list(_ elements: [String: String]) -> String {
    elements.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? $0.key : "\($0.key) : \($0.value)" }
      .joined(separator: ", ")
  }

  /// Why in this order. `guard`: 127.0.0.1 becomes routable over our bridges (route_localnet), so nobody there may
  /// send to it; replies still carry the bridge's address here. `postrouting`: a container that reaches its own
  /// network by a published port must answer by way of us, other traffic inside a network keeps its source.
  /// `forward`: what a published port let in is accepted before networks are kept apart, but never into or out of an
  /// internal one; last, nobody from outside reaches a container's own address.
  private static let chains = """
      chain guard {
        type filter hook prerouting priority raw; policy accept;
        iifname @bridges ip daddr 127.0.0.0/8 drop
      }
      chain publish {
        dnat ip to ip daddr . meta l4proto . th dport map @published_at
        dnat ip to meta l4proto . th dport map @published
      }
      chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        fib daddr type local jump publish
      }
      chain output {
        type nat hook output priority -100; policy accept;
        fib daddr type local jump publish
      }
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr . oifname @subnets ct status dnat masquerade
        ip saddr . oifname @subnets return
        ip saddr 127.0.0.0/8 oifname @bridges ct status dnat masquerade
        ip saddr @masqueraded oifname != @bridges masquerade
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname != @bridges oifname != @bridges return
        iifname . oifname @within accept
        iifname @internal drop
        oifname @internal drop
        ct state established,related accept
        ct status dnat accept
        oifname @bridges drop
      }
    """
}
