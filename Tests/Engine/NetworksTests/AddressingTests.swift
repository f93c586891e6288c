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

  private func ipam(_ subnet: String?, gateway: String? = nil, range: String? = nil) -> IPAM {
    var config = IPAMConfig()
    config.subnet = subnet
    config.gateway = gateway
    config.ipRange = range
    var ipam = IPAM()
    ipam.config = [config]
    return ipam
  }

  @Test func `a subnet of the user's is taken as it stands, or refused by name`() throws {
    let plain = try #require(try Addressing(ipam("10.5.0.0/16")))
    #expect(plain.gateway.description == "10.5.0.1" && plain.chosenByUser)
    let ranged = try #require(try Addressing(ipam("10.5.0.0/16", gateway: "10.5.9.9", range: "10.5.4.0/24")))
    #expect(ranged.gateway.description == "10.5.9.9" && ranged.free(besides: [])?.description == "10.5.4.0")
    #expect(try Addressing(nil as IPAM?) == nil && Addressing(IPAM()) == nil)
    for bad in [
      ipam("10.5.0.1/16"), ipam("10.5.0.0"), ipam("10.5.0.0/31"), ipam("10.5.0.0/16", gateway: "10.6.0.1"),
      ipam("10.5.0.0/16", range: "10.6.0.0/24"), ipam(nil, gateway: "10.6.0.1"),
      ipam("10.5.0.0/16", gateway: "x"),
    ] {
      #expect(throws: EngineError.self) { try Addressing(bad) }
    }
  }

  @Test func `link addresses follow from addresses`() throws {
    #expect(MACAddress(try #require(IPv4Address("172.17.0.2"))).description == "02:42:ac:11:00:02")
    #expect(MACAddress("92-d0-C6-0a-29-33")?.description == "92:d0:c6:0a:29:33")
    #expect(MACAddress("92:d0:c6:0a:29") == nil && MACAddress("+2:d0:c6:0a:29:33") == nil)
  }
}
