import Linux
import Testing

@testable import Networks

struct HostForwardingTests {
  @Test func `links that listen to routers go on, and one that goes meanwhile is no reason to fail`() throws {
    let root = "/tmp/skiff-forwarding-\(UInt64.random(in: 0 ... .max))"
    // A directory that stays behind is no reason to fail a test.
    defer { try? Files.removeTree(root) }
    func setting(_ name: String) throws -> String { try Files.text("\(root)/ipv6/conf/\(name)") }
    for (name, value) in [
      ("all/forwarding", "0\n"), ("default/accept_ra", "1\n"), ("eth0/accept_ra", "1\n"),
      ("eth1/accept_ra", "0\n"), ("br/accept_ra", "0\n"), ("br/disable_ipv6", "1\n"),
    ] {
      let path = "\(root)/ipv6/conf/\(name)"
      try Files.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      try Files.write(path, value.utf8)
    }
    // Listed, but nothing in it can be read any more.
    try Files.makeDirectories("\(root)/ipv6/conf/veth0")
    try HostForwarding(root: root).configure("br", ipv6: true)
    #expect(try setting("eth0/accept_ra") == "2" && setting("eth1/accept_ra") == "0\n")
    #expect(try setting("default/accept_ra") == "1\n" && setting("all/forwarding") == "1")
    #expect(try setting("br/disable_ipv6") == "0" && !Files.exist("\(root)/ipv6/conf/veth0/accept_ra"))
    try HostForwarding(root: root).configure("br", ipv6: false)
    #expect(try setting("br/disable_ipv6") == "1")
  }
}
