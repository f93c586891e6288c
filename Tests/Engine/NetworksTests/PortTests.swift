import DockerAPI
import EngineErrors
import JSON
import Linux
import ShimProtocol
import Testing

@testable import Networks

struct PortTests {
  private func binding(_ port: String, _ address: String = "") -> PortBinding {
    var binding = PortBinding()
    binding.hostIP = address
    binding.hostPort = port
    return binding
  }

  private func requests(_ map: PortMap, standard: String = "127.0.0.1", haveIPv6: Bool = true) throws
    -> [PortRequest]
  {
    try PortRequest.all(map, hostAddress: standard, haveIPv6: haveIPv6)
  }

  private func address(_ text: String) throws -> HostAddress { try #require(HostAddress(text)) }

  @Test func `wishes are read, the most particular first`() throws {
    let all = try requests([
      "80/tcp": [binding(""), binding("8080")], "53/udp": [binding("5300-5310", "0.0.0.0")],
    ])
    #expect(all.map(\.hostPorts) == [8080...8080, 5300...5310, nil])
    #expect(all[1].transport == .udp && all[1].hostAddresses == [.anyIPv4])
    #expect(all[2].hostAddresses == [.loopback])
    for bad in ["80/sctp", "x/tcp", "0/tcp", "70000", "/tcp"] {
      #expect(throws: EngineError.self) { try requests([bad: [binding("1")]]) }
    }
    for bad in ["70000", "9-8", "a", "1-2-3", "-1"] {
      #expect(throws: EngineError.self) { try requests(["80/tcp": [binding(bad)]]) }
    }
    for bad in ["localhost", "1.2.3", "::1%lo", "[::1]"] {
      #expect(throws: EngineError.self) { try requests(["80/tcp": [binding("80", bad)]]) }
    }
  }

  @Test func `who names no address gets all of the host's, in both families`() throws {
    func addresses(_ asked: String, _ standard: String, haveIPv6: Bool = true) throws -> [String] {
      let map: PortMap = ["80/tcp": [binding("80", asked)]]
      return try requests(map, standard: standard, haveIPv6: haveIPv6).flatMap(\.hostAddresses).map(
        \.description)
    }
    #expect(try addresses("", "0.0.0.0") == ["0.0.0.0", "::"])
    #expect(try addresses("", "0.0.0.0", haveIPv6: false) == ["0.0.0.0"])
    #expect(try addresses("", "127.0.0.1") == ["127.0.0.1"])
    #expect(try addresses("", "::") == ["::"])
    #expect(try addresses("0.0.0.0", "0.0.0.0") == ["0.0.0.0"])
    #expect(try addresses("0:0::1", "0.0.0.0") == ["::1"])
    #expect(try addresses("::ffff:127.0.0.1", "0.0.0.0") == ["127.0.0.1"])
  }

  @Test func `a port is taken on its address and on all addresses`() throws {
    func port(_ address: String, _ transport: PublishedPort.Transport = .tcp) throws -> PublishedPort {
      PublishedPort(
        transport: transport, containerPort: 80, hostAddress: try self.address(address),
        hostPort: 8080)
    }
    var table = PortTable()
    table.add([try port("127.0.0.1")], owner: "a")
    let asked = [
      try port("127.0.0.1"), try port("0.0.0.0"), try port("127.0.0.2"), try port("127.0.0.1", .udp),
    ]
    #expect(asked.map { table.isTaken($0) } == [true, true, false, false])
    let six = [try port("::"), try port("::1")]
    #expect(six.map { table.isTaken($0) } == [false, false])
    table.add([six[1]], owner: "b")
    #expect(six.map { table.isTaken($0) } == [true, true])
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

  @Test(.enabled(if: HostAddress.haveIPv6))
  func `a port of all addresses is reserved in both families or in none`() throws {
    let open: PortMap = ["80/tcp": [binding("")], "53/udp": [binding("")]]
    var mine = PortReservations()
    try mine.reserve(requests(open, standard: "0.0.0.0"), in: PortTable())
    #expect(mine.ports.map(\.hostAddress) == [.anyIPv4, .anyIPv6, .anyIPv4, .anyIPv6])
    #expect(mine.ports.map(\.transport) == [.udp, .udp, .tcp, .tcp])
    let port = mine.ports[2].hostPort
    #expect(mine.ports[3].hostPort == port && mine.ports[3].ownLoopbackPort == nil)
    var table = PortTable()
    table.add([mine.ports[3]], owner: "a")
    var second = PortReservations()
    let six = reserve(&second, ["80/tcp": [binding("\(port)", "::")]], table)
    #expect(six == "Bind for :::\(port) failed: port is already allocated")
    let inUse = reserve(&second, ["80/tcp": [binding("\(port)", "::1")]], PortTable())
    #expect(inUse == "listen tcp6 [::1]:\(port): bind: address already in use")

    let released = mine.release()
    defer { for raw in released.sockets { _ = FileDescriptor(owning: raw) } }
    #expect(released.sockets.count == 4)
    #expect(released.relayed.map(\.socket) == [1, 3])
    #expect(released.relayed.map(\.transport) == [.udp, .tcp])
  }

  @Test(.enabled(if: HostAddress.haveIPv6))
  func `who cannot have the IPv6 half of a port gets none of it`() throws {
    var six = PortReservations()
    try six.reserve(requests(["80/tcp": [binding("", "::")]]), in: PortTable())
    let port = try #require(six.ports.first).hostPort
    var both = PortReservations()
    let wish: PortMap = ["80/tcp": [binding("\(port)")]]
    #expect(throws: EngineError.self) {
      try both.reserve(requests(wish, standard: "0.0.0.0"), in: PortTable())
    }
    #expect(both.ports.isEmpty)
    try both.reserve(requests(wish), in: PortTable())
    #expect(both.ports.map(\.hostPort) == [port])
  }

  @Test(.enabled(if: HostAddress.haveIPv6))
  func `a port of an IPv6 address alone has a way of its own into the container`() throws {
    var mine = PortReservations()
    try mine.reserve(requests(["80/tcp": [binding("", "::1")]]), in: PortTable())
    let port = try #require(mine.ports.first)
    let loopback = try #require(port.ownLoopbackPort)
    let endpoint = try #require(InternetEndpoint(numeric: "127.0.0.1", port: loopback))
    #expect(throws: SyscallError.self) { _ = try InternetSocket.listen(endpoint) }
    let released = mine.release()
    for raw in released.sockets { _ = FileDescriptor(owning: raw) }
    #expect(
      released.relayed == [
        RelayedPort(socket: 0, transport: .tcp, containerPort: 80, loopbackPort: loopback)
      ])
  }

  @Test func `a published port is written as it was before there was IPv6`() throws {
    let old = #"{"transport":"tcp","containerPort":80,"hostAddress":"0.0.0.0","hostPort":8080}"#
    let port = try JSON.decode(PublishedPort.self, from: Array(old.utf8))
    #expect(port.hostAddress == .anyIPv4 && port.ownLoopbackPort == nil)
    let six = PublishedPort(
      transport: .udp, containerPort: 53, hostAddress: try address("2001:db8::5"), hostPort: 53,
      ownLoopbackPort: 9)
    #expect(try JSON.decode(PublishedPort.self, from: JSON.encode(six)) == six)
  }

  private func reserve(_ reservations: inout PortReservations, _ map: PortMap, _ table: PortTable) -> String?
  {
    do {
      try reservations.reserve(requests(map), in: table)
      return nil
    } catch { return "\(error)" }
  }
}
