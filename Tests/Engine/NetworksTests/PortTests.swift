import DockerAPI
import EngineErrors
import Linux
import Testing

@testable import Networks

struct PortTests {
  private func binding(_ port: String, _ address: String = "") -> PortBinding {
    var binding = PortBinding()
    binding.hostIP = address
    binding.hostPort = port
    return binding
  }

  private func requests(_ map: PortMap) throws -> [PortRequest] {
    try PortRequest.all(map, hostAddress: "127.0.0.1")
  }

  @Test func `wishes are read, the most particular first`() throws {
    let all = try requests([
      "80/tcp": [binding(""), binding("8080")], "53/udp": [binding("5300-5310", "0.0.0.0")],
    ])
    #expect(all.map(\.hostPorts) == [8080...8080, 5300...5310, nil])
    #expect(
      all[1].transport == .udp && all[1].hostAddress == .any && all[2].hostAddress.description == "127.0.0.1")
    for bad in ["80/sctp", "x/tcp", "0/tcp", "70000", "/tcp"] {
      #expect(throws: EngineError.self) { try requests([bad: [binding("1")]]) }
    }
    for bad in ["70000", "9-8", "a", "1-2-3", "-1"] {
      #expect(throws: EngineError.self) { try requests(["80/tcp": [binding(bad)]]) }
    }
    #expect(throws: EngineError.self) { try requests(["80/tcp": [binding("80", "::1")]]) }
  }

  @Test func `a port is taken on its address and on all addresses`() throws {
    func port(_ address: String, _ transport: PublishedPort.Transport = .tcp) throws -> PublishedPort {
      PublishedPort(
        transport: transport, containerPort: 80, hostAddress: try #require(IPv4Address(address)),
        hostPort: 8080)
    }
    var table = PortTable()
    table.add([try port("127.0.0.1")], owner: "a")
    let asked = [
      try port("127.0.0.1"), try port("0.0.0.0"), try port("127.0.0.2"), try port("127.0.0.1", .udp),
    ]
    #expect(asked.map { table.isTaken($0) } == [true, true, false, false])
    table.removeAll(of: "a")
    #expect(!table.isTaken(asked[0]))
  }

  @Test func `a reservation keeps others away, and names who has the port`() throws {
    var mine = PortReservations()
    try mine.reserve(requests(["80/tcp": [binding("")]]), in: PortTable())
    let port = try #require(mine.ports.first)
    #expect(port.hostPort > 0)
    let text = "\(port.hostPort)"

    var table = PortTable()
    table.add(mine.ports, owner: "a")
    var second = PortReservations()
    let allocated = reserve(&second, ["80/tcp": [binding(text)]], table)
    #expect(allocated == "Bind for 127.0.0.1:\(text) failed: port is already allocated")
    let inUse = reserve(&second, ["80/tcp": [binding(text)]], PortTable())
    #expect(inUse == "listen tcp4 127.0.0.1:\(text): bind: address already in use")
    #expect(second.ports.isEmpty)

    // A range passes over what is taken.
    let last = port.hostPort == .max ? port.hostPort : port.hostPort + 1
    guard last > port.hostPort else { return }
    if reserve(&second, ["80/tcp": [binding("\(text)-\(last)")]], table) == nil {
      #expect(second.ports.map(\.hostPort) == [last])
    }
    // Refused, not left hanging: nobody listens.
    let endpoint = try #require(InternetEndpoint(numeric: "127.0.0.1", port: port.hostPort))
    let refused = #expect(throws: SyscallError.self) { _ = try InternetSocket.connect(endpoint) }
    #expect(refused?.errno == .connectionRefused)
  }

  private func reserve(_ reservations: inout PortReservations, _ map: PortMap, _ table: PortTable) -> String?
  {
    do {
      try reservations.reserve(requests(map), in: table)
      return nil
    } catch { return "\(error)" }
  }
}
