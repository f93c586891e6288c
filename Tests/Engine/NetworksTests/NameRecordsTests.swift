import DockerAPI
import JSON
import Testing

@testable import Networks

struct NameRecordsTests {
  private func sandbox(
    _ digit: Character, _ name: String, _ address: String, aliases: [String] = [], links: [String] = [],
    address6: String? = nil
  ) throws -> SandboxRecord {
    var wish = EndpointSettings()
    wish.aliases = aliases
    wish.links = links
    var record = SandboxRecord(id: String(repeating: digit, count: 64), name: name)
    record.endpoints = [
      EndpointRecord(
        id: "e", networkID: "net", wish: wish,
        link: EndpointLink(
          hostName: "veth0", guestName: "eth0", address: IPv4Address(address),
          address6: address6.flatMap { IPv6Address($0) }, macAddress: ""))
    ]
    return record
  }

  @Test func `every name has a line for every address`() throws {
    let boxes = [
      try sandbox("a", "app-1", "172.18.0.2", aliases: ["app", "app-1", "bad name", ""]),
      try sandbox("b", "app-2", "172.18.0.3", aliases: ["app"]),
    ]
    #expect(
      NameRecords.network("net", sandboxes: boxes) == """
        app-1 172.18.0.2
        aaaaaaaaaaaa 172.18.0.2
        app 172.18.0.2
        app-2 172.18.0.3
        bbbbbbbbbbbb 172.18.0.3
        app 172.18.0.3

        """)
    #expect(NameRecords.network("other", sandboxes: boxes) == "")
  }

  @Test func `who has addresses of both families has lines for both`() throws {
    let both = try sandbox("a", "app", "172.18.0.2", address6: "fd00:0::2")
    #expect(
      NameRecords.network("net", sandboxes: [both]) == """
        app 172.18.0.2
        app fd00::2
        aaaaaaaaaaaa 172.18.0.2
        aaaaaaaaaaaa fd00::2

        """)
    let app = try sandbox("b", "web", "172.18.0.3", links: ["app:db"])
    #expect(NameRecords.links(of: app, among: [app, both]) == "db 172.18.0.2\ndb fd00::2\n")
  }

  @Test func `links are names that only one container knows`() throws {
    let app = try sandbox("a", "app", "172.18.0.2", links: ["db-1:database", "db-1", "nobody:x"])
    let boxes = [app, try sandbox("b", "db-1", "172.18.0.3")]
    #expect(NameRecords.links(of: app, among: boxes) == "database 172.18.0.3\ndb-1 172.18.0.3\n")
  }

  @Test func `a link in a record of an earlier engine is read as it was meant`() throws {
    func link(_ hostName: String?) -> EndpointLink {
      EndpointLink(
        hostName: hostName, guestName: "eth0", address: IPv4Address("10.0.0.2"),
        macAddress: "02:42:0a:00:00:02")
    }
    for (written, meant) in [(link(""), link(nil)), (link("veth1"), link("veth1")), (link(nil), link(nil))] {
      #expect(try JSON.decode(EndpointLink.self, from: JSON.encode(written)) == meant)
    }
    #expect(link(nil).isMacvlan && !link("veth1").isMacvlan)
  }

  @Test func `the resolver takes from the host what nobody asked for`() {
    let host = HostResolver(
      "# made by hand\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch a.example b.example\noptions ndots:5 edns0\n"
    )
    let inherited = NameRecords.resolver(files: ["/run/names/n"], wishes: ResolverWishes(), host: host)
    #expect(
      inherited
        == "network /run/names/n\nupstream 10.0.0.1\nupstream 10.0.0.2\nsearch a.example\nsearch b.example\n"
        + "option ndots:5\noption edns0\n")
    let wishes = ResolverWishes(servers: ["9.9.9.9"], search: ["."], options: ["timeout:1"])
    #expect(
      NameRecords.resolver(files: [], wishes: wishes, host: host) == "upstream 9.9.9.9\noption timeout:1\n")
  }
}
