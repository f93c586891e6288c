import Testing

@testable import Networks

struct RuleSetTests {
  private func rules(ports: [UInt16] = [], back: Bool = false) throws -> RuleSet {
    var rules = RuleSet(table: "t", .ipv4)
    rules.add(
      bridge: "br-1", subnet: "172.18.0.0/16", allowsInside: true, isInternal: false,
      masquerades: true)
    if back {
      rules.add(
        bridge: "br-2", subnet: "10.0.0.0/24", allowsInside: false, isInternal: true,
        masquerades: false)
    }
    for port in ports {
      rules.publish(
        PublishedPort(transport: .tcp, containerPort: 80, hostAddress: .anyIPv4, hostPort: port),
        to: "172.18.0.2")
    }
    rules.publish(
      PublishedPort(
        transport: .udp, containerPort: 53, hostAddress: .loopback,
        hostPort: 5353),
      to: "172.18.0.3")
    return rules
  }

  @Test func `the table is made anew with everything in it, in one transaction`() throws {
    let expected = """
      table ip t
      delete table ip t
      table ip t {
        set bridges { type ifname; elements = { "br-1", "br-2" } }
        set within { type ifname . ifname; elements = { "br-1" . "br-1" } }
        set internal { type ifname; elements = { "br-2" } }
        set subnets { type ipv4_addr . ifname; flags interval; elements = { 10.0.0.0/24 . "br-2", 172.18.0.0/16 . "br-1" } }
        set masqueraded { type ipv4_addr; flags interval; elements = { 172.18.0.0/16 } }
        map published { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { tcp . 8080 : 172.18.0.2 . 80 } }
        map published_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; elements = { 127.0.0.1 . udp . 5353 : 172.18.0.3 . 53 } }

      """
    let text = try rules(ports: [8080], back: true).installation
    #expect(text.hasPrefix(expected))
    #expect(text.contains("chain forward {") && text.hasSuffix("}\n"))
    #expect(
      try !rules().installation.contains(
        "map published { type inet_proto . inet_service : ipv4_addr . inet_service; elements"))
  }

  @Test func `changes name only what differs, removals first`() throws {
    let old = try rules(ports: [80, 81], back: true)
    let new = try rules(ports: [81, 82])
    #expect(
      new.changes(from: old) == """
        delete element ip t bridges { "br-2" }
        delete element ip t internal { "br-2" }
        delete element ip t subnets { 10.0.0.0/24 . "br-2" }
        delete element ip t published { tcp . 80 }
        add element ip t published { tcp . 82 : 172.18.0.2 . 80 }

        """)
    #expect(new.changes(from: new) == "")
  }

  @Test func `a port that leads elsewhere is removed and added`() throws {
    var old = RuleSet(table: "t", .ipv4)
    var new = RuleSet(table: "t", .ipv4)
    let port = PublishedPort(transport: .tcp, containerPort: 80, hostAddress: .anyIPv4, hostPort: 80)
    old.publish(port, to: "10.0.0.2")
    new.publish(port, to: "10.0.0.3")
    #expect(
      new.changes(from: old)
        == "delete element ip t published { tcp . 80 }\nadd element ip t published { tcp . 80 : 10.0.0.3 . 80 }\n"
    )
  }

  @Test func `a port over IPv6 needs no rule, or one for the shim's connections`() throws {
    var rules = RuleSet(table: "t", .ipv4)
    let container = "10.0.0.2"
    var port = PublishedPort(transport: .tcp, containerPort: 80, hostAddress: .anyIPv6, hostPort: 8080)
    rules.publish(port, to: container)
    #expect(rules == RuleSet(table: "t", .ipv4))
    port.ownLoopbackPort = 40000
    rules.publish(port, to: container)
    #expect(
      rules.changes(from: RuleSet(table: "t", .ipv4))
        == "add element ip t published_at { 127.0.0.1 . tcp . 40000 : 10.0.0.2 . 80 }\n")
  }

  private var both: (RuleSet, RuleSet) {
    var (rules, rules6) = (RuleSet(table: "t", .ipv4), RuleSet(table: "t", .ipv6))
    rules.add(bridge: "br-6", subnet: nil, allowsInside: true, isInternal: false, masquerades: true)
    rules6.add(
      bridge: "br-6", subnet: "fd00:1::/64", allowsInside: true, isInternal: false, masquerades: true)
    return (rules, rules6)
  }

  @Test func `a network without IPv4 has a bridge among the IPv4 rules, and nothing else`() {
    #expect(
      both.0.changes(from: RuleSet(table: "t", .ipv4)) == """
        add element ip t bridges { "br-6" }
        add element ip t within { "br-6" . "br-6" }

        """)
  }

  @Test func `IPv6 has a table of its own, in which a port of ::1 leads nowhere`() throws {
    var rules = both.1
    for (host, port) in [("::", 80), ("2001:db8::1", 81), ("::1", 82), ("127.0.0.1", 83)]
      as [(String, UInt16)]
    {
      let address = try #require(HostAddress(host))
      rules.publish(
        PublishedPort(transport: .tcp, containerPort: 8080, hostAddress: address, hostPort: port),
        to: "fd00:1::2")
    }
    #expect(
      rules.changes(from: RuleSet(table: "t", .ipv6)) == """
        add element ip6 t bridges { "br-6" }
        add element ip6 t within { "br-6" . "br-6" }
        add element ip6 t subnets { fd00:1::/64 . "br-6" }
        add element ip6 t masqueraded { fd00:1::/64 }
        add element ip6 t published { tcp . 80 : fd00:1::2 . 8080 }
        add element ip6 t published_at { 2001:db8::1 . tcp . 81 : fd00:1::2 . 8080 }

        """)
    let text = rules.installation
    #expect(text.hasPrefix("table ip6 t\ndelete table ip6 t\ntable ip6 t {\n"))
    #expect(text.contains("map published { type inet_proto . inet_service : ipv6_addr . inet_service;"))
    #expect(text.contains("ip6 daddr { ::1, fe80::/10 } return\n") && !text.contains("ip saddr"))
  }

  @Test func `what the kernel lists is read back, when its chains are ours`() throws {
    let rules = try rules(ports: [80, 443])
    let listing = Self.listing
    let found = try #require(RuleSet(table: "t", .ipv4, listing: listing))
    #expect(rules.changes(from: found) == "")
    #expect(
      RuleSet(table: "t", .ipv4, listing: listing.replacing("oifname @internal drop", with: "accept")) == nil)
    #expect(
      RuleSet(table: "t", .ipv4, listing: listing.replacing("set internal {", with: "set other {")) == nil)
    #expect(RuleSet(table: "t", .ipv4, listing: "") == nil)
    #expect(RuleSet(table: "t", .ipv4, listing: "table ip t {\n}\n") == nil)
    for end in listing.indices where listing[end] == "\n" {
      #expect(RuleSet(table: "t", .ipv4, listing: String(listing[..<end])) == nil || listing[end...] == "\n")
    }
  }

  /// As nft(8) prints it: tabs, and long lists over several lines.
  private static let listing =
    """
    table ip t {
    \tset bridges {
    \t\ttype ifname
    \t\telements = { "br-1" }
    \t}

    \tset within {
    \t\ttype ifname . ifname
    \t\telements = { "br-1" . "br-1" }
    \t}

    \tset internal {
    \t\ttype ifname
    \t}

    \tset subnets {
    \t\ttype ipv4_addr . ifname
    \t\tflags interval
    \t\telements = { 172.18.0.0/16 . "br-1" }
    \t}

    \tset masqueraded {
    \t\ttype ipv4_addr
    \t\tflags interval
    \t\telements = { 172.18.0.0/16 }
    \t}

    \tmap published {
    \t\ttype inet_proto . inet_service : ipv4_addr . inet_service
    \t\telements = { tcp . 80 : 172.18.0.2 . 80,
    \t\t\t     tcp . 443 : 172.18.0.2 . 80 }
    \t}

    \tmap published_at {
    \t\ttype ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
    \t\telements = { 127.0.0.1 . udp . 5353 : 172.18.0.3 . 53 }
    \t}


    """ + RuleSet.chainLines(.ipv4).map { "\t" + $0 + "\n" }.joined() + "}\n"
}
