import DockerAPI
import EngineErrors
import Testing

@testable import Networks

struct AddressingTests {
  @Test(
    arguments: [
      ("10.0.0.1", "10.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("10.0.0", nil), ("10.0.0.256", nil),
      ("10.0.0.01", nil), ("10.0.0.1 ", nil), ("", nil), ("1.2.3.4.5", nil), ("::1", nil), ("+1.2.3.4", nil),
    ] as [(String, String?)])
  func `addresses are four decimal numbers`(text: String, expected: String?) {
    #expect(IPv4Address(text)?.description == expected)
  }

  @Test func `subnets know what they hold`() throws {
    let subnet = try #require(Subnet("172.18.0.0/16"))
    #expect(subnet.last.description == "172.18.255.255")
    #expect(subnet.overlaps(try #require(Subnet("172.18.4.0/24"))))
    #expect(!subnet.overlaps(try #require(Subnet("172.19.0.0/16"))))
    #expect(try #require(Subnet("0.0.0.0/0")).overlaps(subnet))
    #expect(Subnet("172.18.0.0/33") == nil && Subnet("172.18.0.0") == nil)
  }

  @Test func `a subnet keeps for itself what is no host's address`() throws {
    for (subnet, kept) in [
      ("10.1.0.0/29", ["10.1.0.0", "10.1.0.7"]), ("10.1.0.0/30", ["10.1.0.0", "10.1.0.3"]),
      ("10.1.0.0/31", []), ("10.1.0.0/32", []),
    ] {
      #expect(try #require(Subnet(subnet)).kept.map(\.description).sorted() == kept)
    }
    #expect(try #require(IPv6Subnet("fd00::/126")).kept.map(\.description) == ["fd00::"])
    #expect(try #require(IPv6Subnet("fd00::/127")).kept.isEmpty)
  }

  @Test func `the lowest free address is given, never the gateway's or a reserved one`() throws {
    var addressing = Addressing(
      subnet: try #require(Subnet("10.1.0.0/29")), gateway: try #require(IPv4Address("10.1.0.1")),
      auxiliary: ["printer": try #require(IPv4Address("10.1.0.3"))])
    var taken: Set<IPv4Address> = []
    while let next = addressing.free(besides: taken) { taken.insert(next) }
    #expect(taken.map(\.description).sorted() == ["10.1.0.2", "10.1.0.4", "10.1.0.5", "10.1.0.6"])
    addressing.range = Subnet("10.1.0.4/31")
    #expect(addressing.free(besides: [])?.description == "10.1.0.4")
    #expect(addressing.free(besides: taken) == nil)
  }

  @Test func `pools give docker's subnets in docker's order, around what is taken`() throws {
    let pools = SubnetPools.standard
    #expect(pools.free(besides: [])?.description == "172.17.0.0/16")
    let first = try #require(Subnet("172.17.0.0/16"))
    let vpn = try #require(Subnet("172.16.0.0/12"))
    #expect(pools.free(besides: [first])?.description == "172.18.0.0/16")
    #expect(pools.free(besides: [vpn])?.description == "192.168.0.0/20")
    #expect(
      pools.free(besides: [vpn, try #require(Subnet("192.168.1.0/24"))])?.description == "192.168.16.0/20")
    #expect(pools.free(besides: [vpn, try #require(Subnet("192.168.0.0/16"))]) == nil)
  }

  @Test(
    arguments: [
      ("fd00:1:0::1", "fd00:1::1"), ("::", "::"), ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("fe80::1%lo", nil),
      ("[::1]", nil), ("1.2.3.4", nil), ("fd00:::1", nil),
    ] as [(String, String?)])
  func `IPv6 addresses are told in their shortest form`(text: String, expected: String?) {
    #expect(IPv6Address(text)?.description == expected)
  }

  @Test func `IPv6 subnets know what they hold`() throws {
    let subnet = try #require(IPv6Subnet("fd00:1::/64"))
    #expect(subnet.last.description == "fd00:1::ffff:ffff:ffff:ffff")
    #expect(subnet.contains(try #require(IPv6Address("fd00:1::1:2"))))
    #expect(!subnet.overlaps(try #require(IPv6Subnet("fd00:1:0:1::/64"))))
    #expect(try #require(IPv6Subnet("::/0")).overlaps(subnet) && subnet.second.description == "fd00:1::1")
    #expect(IPv6Subnet("fd00::/129") == nil && IPv6Subnet("fd00::/+64") == nil && Subnet("fd00::/8") == nil)
  }

  @Test func `IPv6 addresses are given from the second one on, also the last`() throws {
    let addressing = Addressing(
      subnet: try #require(IPv6Subnet("fd00::/126")), gateway: try #require(IPv6Address("fd00::1")))
    var taken: Set<IPv6Address> = []
    while let next = addressing.free(besides: taken) { taken.insert(next) }
    #expect(taken.map(\.description).sorted() == ["fd00::2", "fd00::3"])
  }

  @Test func `an engine's own IPv6 subnets follow from its identity`() throws {
    let pools = SubnetPools.unique(to: "")
    let first = try #require(pools.free(besides: []))
    #expect(first.description == "fd42:98fc:1c14::/64")
    #expect(pools.free(besides: [first])?.description == "fd42:98fc:1c14:1::/64")
    #expect(SubnetPools.unique(to: "x").pools != pools.pools)
    // Who has nearly all of it costs no more than who has one.
    let vast = SubnetPools(pools: [.init(base: try #require(IPv6Subnet("fd00::/8")), size: 64)])
    #expect(vast.free(besides: [try #require(IPv6Subnet("fd00::/9"))])?.description == "fd80::/64")
    #expect(vast.free(besides: [try #require(IPv6Subnet("fc00::/7"))]) == nil)
  }

  @Test func `pools of both families are told apart`() throws {
    var defaults = NetworkDefaults(execRoot: "/x", mark: "")
    let own = defaults.pools6.pools
    try defaults.usePools([("10.9.0.0/16", 24)])
    #expect(defaults.pools6.pools == own && defaults.pools.pools.count == 1)
    try defaults.usePools([("fd00:9::/48", 64)])
    #expect(
      defaults.pools6.free(besides: [])?.description == "fd00:9::/64" && defaults.pools.pools.count == 1)
    for bad in [("fd00::/48", 40), ("fd00::/48", 127), ("10.0.0.0/8", 31), ("x", 24)] {
      #expect(throws: EngineError.self) { try defaults.usePools([bad]) }
    }
  }

  private func ipam(
    _ subnet: String?, gateway: String? = nil, range: String? = nil, auxiliary: [String: String]? = nil
  ) -> IPAM {
    var config = IPAMConfig()
    config.auxiliaryAddresses = auxiliary
    config.subnet = subnet
    config.gateway = gateway
    config.ipRange = range
    var ipam = IPAM()
    ipam.config = [config]
    return ipam
  }

  @Test func `a subnet of the user's is taken as it stands, or refused by name`() throws {
    let plain = try #require(try plan(ipam("10.5.0.0/16")).ipv4)
    #expect(plain.gateway.description == "10.5.0.1" && plain.chosenByUser)
    let ranged = try #require(
      try plan(ipam("10.5.0.0/16", gateway: "10.5.9.9", range: "10.5.4.0/24")).ipv4)
    #expect(ranged.gateway.description == "10.5.9.9" && ranged.free(besides: [])?.description == "10.5.4.0")
    #expect(try plan(nil) == AddressPlan() && plan(IPAM()) == AddressPlan())
    for bad in [
      ipam("10.5.0.1/16"), ipam("10.5.0.0"), ipam("10.5.0.0/31"), ipam("10.5.0.0/16", gateway: "10.6.0.1"),
      ipam("10.5.0.0/16", range: "10.6.0.0/24"), ipam(nil, gateway: "10.6.0.1"),
      ipam("10.5.0.0/16", gateway: "x"),
    ] {
      #expect(throws: EngineError.self) { try plan(bad) }
    }
  }

  private func plan(_ ipam: IPAM?, ipv4: Bool = true, ipv6: Bool = false) throws -> AddressPlan {
    try AddressPlan(ipam, ipv4: ipv4, ipv6: ipv6)
  }

  @Test func `each family takes its own subnet, and leaves the other's alone`() throws {
    var both = ipam("fd00:5::/64", gateway: "fd00:5::9", range: "fd00:5::100/120")
    both.config?.append(contentsOf: ipam("10.5.0.0/16").config ?? [])
    let found = try plan(both, ipv6: true)
    #expect(found.ipv4?.subnet.description == "10.5.0.0/16")
    #expect(found.ipv6?.gateway.description == "fd00:5::9")
    #expect(found.ipv6?.free(besides: [])?.description == "fd00:5::100")
    #expect(try plan(both).ipv6 == nil && plan(both, ipv4: false, ipv6: true).ipv4 == nil)
    #expect(AddressPlan.leftOut(both, ipv4: true, ipv6: true) == "")
    #expect(
      AddressPlan.leftOut(both, ipv4: true, ipv6: false)
        == "subnet fd00:5::/64 was left out: IPv6 is not enabled for this network")
    both.config?.append(contentsOf: ipam("fd00:6::/64").config ?? [])
    #expect(throws: EngineError.self) { try plan(both, ipv6: true) }
  }

  @Test func `what is wrong with an IPv6 subnet is told in docker's words`() throws {
    func complaint(_ ipam: IPAM) -> String {
      do { return "accepted \(try plan(ipam, ipv6: true))" } catch {
        return (error as? EngineError)?.message.split(separator: "\n").dropFirst().joined(separator: "\n")
          ?? ""
      }
    }
    let cases: [(IPAM, String)] = [
      (ipam("fd00::/x"), "invalid subnet fd00::/x: invalid CIDR block notation"),
      (ipam("fd00::1/64"), "invalid subnet fd00::1/64: it should be fd00::/64"),
      (ipam("fd00::/127"), "invalid subnet fd00::/127: its prefix must be of 1 to 126 bits"),
      (
        ipam("fd00::/64", gateway: "fd01::1"),
        "invalid gateway fd01::1: parent subnet fd00::/64 doesn't contain this address"
      ),
      (ipam("fd00::/64", gateway: "10.0.0.1"), "invalid gateway 10.0.0.1: parent subnet is an IPv6 block"),
      (ipam("10.0.0.0/8", gateway: "fd00::1"), "invalid gateway fd00::1: parent subnet is an IPv4 block"),
      (
        ipam("fd00::/64", gateway: "fd00::"),
        "invalid gateway fd00::: fd00::/64 keeps this address for itself"
      ),
      (
        ipam("fd00::/64", range: "fd00::/56"),
        "invalid ip-range fd00::/56: CIDR block is bigger than its parent subnet fd00::/64"
      ),
      (
        ipam("fd00::/64", range: "fd01::/96"),
        "invalid ip-range fd01::/96: parent subnet fd00::/64 doesn't contain ip-range"
      ),
      (
        ipam("fd00::/64", auxiliary: ["b": "fd01::1", "a": "x"]),
        "invalid auxiliary address a: invalid address\n"
          + "invalid auxiliary address b: parent subnet fd00::/64 doesn't contain this address"
      ),
    ]
    for (ipam, words) in cases { #expect(complaint(ipam) == words) }
  }

  @Test func `link addresses follow from addresses`() throws {
    #expect(MACAddress(try #require(IPv4Address("172.17.0.2"))).description == "02:42:ac:11:00:02")
    #expect(MACAddress("92-d0-C6-0a-29-33")?.description == "92:d0:c6:0a:29:33")
    #expect(MACAddress("92:d0:c6:0a:29") == nil && MACAddress("+2:d0:c6:0a:29:33") == nil)
  }

  @Test func `a name finds its addresses again until its network goes`() {
    var habits = Habits()
    let pair = AddressPair(ipv4: IPv4Address("10.1.0.2"))
    habits.remember(pair, of: "web", in: "one")
    habits.remember(pair, of: "web", in: "two")
    #expect(habits["web", in: "one"] == pair && habits["db", in: "one"] == nil)
    habits.forget("one")
    #expect(habits["web", in: "one"] == nil && habits["web", in: "two"] == pair)
    #expect(habits.count == 1)
  }

  @Test func `however many names come and go in a network, few are remembered`() {
    var habits = Habits()
    let pair = AddressPair(ipv4: IPv4Address("10.1.0.2"))
    habits.remember(pair, of: "web", in: "other")
    for number in 0..<3 * Habits.limit {
      habits.remember(pair, of: "n\(number)", in: "one")
      #expect(habits.count <= Habits.limit + 1)
    }
    #expect(habits["n\(3 * Habits.limit - 1)", in: "one"] == pair && habits["web", in: "other"] == pair)
  }
}
