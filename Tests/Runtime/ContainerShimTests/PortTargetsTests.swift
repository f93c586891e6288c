import Linux
import ShimProtocol
import Testing

@testable import ContainerShim

@Suite struct PortTargetsTests {
  private func port(_ loopback: UInt16?) -> RelayedPort {
    RelayedPort(socket: 0, transport: .tcp, containerPort: 80, loopbackPort: loopback)
  }

  @Test func `a container is reached over IPv4 by the rules, then over IPv6 directly`() throws {
    let both = PortTargets.Addresses("172.17.0.2\nfd00::2\n")
    let ways = port(8080).ways(both)
    #expect(ways.map(\.server) == [[172, 17, 0, 2], [0xfd] + [UInt8](repeating: 0, count: 14) + [2]])
    #expect(ways.map(\.endpoint.port) == [8080, 80])
    #expect(ways.first?.endpoint == InternetEndpoint(numeric: "127.0.0.1", port: 8080))
    // Without IPv4 when it was published no port of 127.0.0.1 leads there.
    #expect(port(nil).ways(both).map(\.endpoint) == ways.dropFirst().map(\.endpoint))
    #expect(port(8080).ways(PortTargets.Addresses("nonsense\n\n")).isEmpty)
  }

  @Test func `the addresses follow the file`() throws {
    let path = "/tmp/skiff-targets-\(UInt64.random(in: 0 ... .max))"
    // What is not there need not be removed.
    defer { try? Files.unlink(path) }
    let targets = PortTargets(path)
    #expect(targets.current == PortTargets.Addresses())
    for text in ["10.0.0.2\n", "10.0.0.3\n"] {
      try Files.replace(path, text.utf8, durable: false)
      #expect(targets.current == PortTargets.Addresses(text))
    }
    try Files.unlink(path)
    #expect(targets.current.ipv4 == nil)
  }
}
