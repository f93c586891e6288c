import Testing

@testable import Netlink

/// Bytes as they went to a little-endian kernel that took each of them: header, body, attributes, in words.
struct RequestBytesTests {
  private func words(_ request: NetlinkRequest, sequence: UInt32) -> [String] {
    let bytes = request.message(sequence: sequence)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      bytes[start..<min(start + 4, bytes.count)].map { String(0x100 + Int($0), radix: 16).dropFirst() }
        .joined()
    }
  }

  private func words(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map(String.init) }

  @Test func `a veth pair whose peer is born in another namespace`() {
    let request = NetlinkRequest.addVeth(
      "veth0a1b2c3", mtu: 1400, master: 7,
      peer: .init(name: "eth0", namespace: 12, macAddress: [0x02, 0x42, 0xac, 0x11, 0, 2]))
    let expected = """
      8c000000 10000106 05000000 00000000 00000000 00000000 01000000 01000000
      10000300 76657468 30613162 32633300 08000400 78050000 08000a00 07000000
      4c001280 08000100 76657468 40000280 3c000180
      00000000 00000000 00000000 00000000
      09000300 65746830 00000000 08000400 78050000 0a000100 0242ac11 00020000 08001c00 0c000000
      """
    #expect(words(request, sequence: 5) == words(expected))
  }

  @Test func `a rule that shows a socket's answers at another port`() {
    let port = ShownPort(address: [127, 0, 0, 11], transport: .udp, bound: 0x1234, shown: 53)
    let request = NetlinkRequest.rewrite(port, incoming: false, chain: "out", in: "t")
    let expected = """
      a8010000 060a010c 03000000 00000000 02000000 06000100 74000000 08000200 6f757400 84010480
      24000180 09000100 6d657461 00000000 14000280 08000100 00000001 08000200 00000010 2c000180
      08000100 636d7000 20000280 08000100 00000001 08000200 00000000 0c000380 05000100 11000000
      34000180 0c000100 7061796c 6f616400 24000280 08000100 00000001 08000200 00000001 08000300
      0000000c 08000400 00000004 2c000180 08000100 636d7000 20000280 08000100 00000001 08000200
      00000000 0c000380 08000100 7f00000b 34000180 0c000100 7061796c 6f616400 24000280 08000100
      00000001 08000200 00000002 08000300 00000000 08000400 00000002 2c000180 08000100 636d7000
      20000280 08000100 00000001 08000200 00000000 0c000380 06000100 12340000 2c000180 0e000100
      696d6d65 64696174 65000000 18000280 08000100 00000001 0c000280 06000100 00350000 44000180
      0c000100 7061796c 6f616400 34000280 08000500 00000001 08000200 00000002 08000300 00000000
      08000400 00000002 08000600 00000001 08000700 00000006
      """
    #expect(words(request, sequence: 3) == words(expected))
  }

  @Test func `a bridge that is up, with an address of its own`() {
    let request = NetlinkRequest.addBridge("br-1", mtu: 1400, macAddress: [2, 0x42, 172, 18, 0, 1])
    let expected = """
      50000000 10000106 01000000 00000000 00000000 00000000 01000000 01000000
      09000300 62722d31 00000000 08000400 78050000 0a000100 0242ac12 00010000 10001280 0a000100 62726964 67650000
      """
    #expect(words(request, sequence: 1) == words(expected))
  }

  @Test func `a link that shares another one's wire, in another namespace`() {
    let peer = NetlinkRequest.Peer(name: "eth0", namespace: 9, macAddress: [2, 0x42, 10, 0, 0, 2])
    let request = NetlinkRequest.addMacvlan(peer, parent: 3, mtu: 1500, mode: .bridge)
    let expected = """
      6c000000 10000106 04000000 00000000 00000000 00000000 00000000 00000000
      09000300 65746830 00000000 08000400 dc050000 0a000100 02420a00 00020000 08000500 03000000 08001c00 09000000
      1c001280 0b000100 6d616376 6c616e00 0c000280 08000100 04000000
      """
    #expect(words(request, sequence: 4) == words(expected))
  }

  @Test func `an address with the broadcast address of its subnet`() {
    let request = NetlinkRequest.addAddress([172, 18, 0, 2], prefixLength: 16, link: 3)
    let expected = """
      30000000 14000105 02000000 00000000 02100000 03000000
      08000200 ac120002 08000100 ac120002 08000400 ac12ffff
      """
    #expect(words(request, sequence: 2) == words(expected))
  }

  @Test func `an IPv6 address that may be used at once`() {
    let address: [UInt8] = [0xfd, 0] + [UInt8](repeating: 0, count: 13) + [2]
    let request = NetlinkRequest.addAddress(address, prefixLength: 64, link: 3, unverified: true)
    let expected = """
      40000000 14000105 02000000 00000000 0a400200 03000000
      14000200 fd000000 00000000 00000000 00000002 14000100 fd000000 00000000 00000000 00000002
      """
    #expect(words(request, sequence: 2) == words(expected))
  }

  @Test func `the default route by way of a gateway`() {
    let request = NetlinkRequest.setDefaultRoute(gateway: [172, 18, 0, 1], link: 3)
    let expected = """
      2c000000 18000105 03000000 00000000 02000000 fe030001 00000000 08000500 ac120001 08000400 03000000
      """
    #expect(words(request, sequence: 3) == words(expected))
  }

  @Test func `deleting a link, and letting frames leave by the port they came from`() {
    let header = "04000000 00000000 00000000 00000000 00000000 00000000 0a000300 76657468 30000000"
    #expect(words(.delete(link: "veth0"), sequence: 4) == words("2c000000 11000100 " + header))
    let hairpin = "48000000 10000100 \(header) 1c001280 0a000400 62726964 67650000 0c000580 05000400 01000000"
    #expect(words(.setHairpin("veth0"), sequence: 4) == words(hairpin))
  }
}
