import Testing

@testable import Linux

@Suite struct SocketTests {
  @Test func `descriptors travel beside bytes`() throws {
    let pair = try SocketPair()
    let pipe = try Pipe()
    try pair.ours.send([1, 2, 3], descriptors: [pipe.readEnd.rawValue])
    let (bytes, descriptors) = try pair.theirs.receive(upTo: 100)
    #expect(bytes == [1, 2, 3])
    try #require(descriptors.count == 1)
    let received = FileDescriptor(owning: descriptors[0])
    try pipe.writeEnd.write([7])
    #expect(try received.read(upTo: 10) == [7])
  }

  @Test func `packets keep their bounds`() throws {
    let pair = try SocketPair(packets: true)
    try pair.ours.write([1, 2])
    try pair.ours.write([3])
    #expect(try pair.theirs.read(upTo: 10) == [1, 2])
    #expect(try pair.theirs.read(upTo: 10) == [3])
  }

  @Test func `a TCP connection knows both of its ends`() throws {
    let address = try #require(InternetEndpoint(numeric: "127.0.0.1", port: 0))
    let listener = try InternetSocket.listen(address)
    let local = try #require(try listener.localEndpoint())
    #expect(local.host == "127.0.0.1" && local.port != 0)
    let client = try InternetSocket.connect(local)
    let server = try listener.accept()
    try client.write([42])
    #expect(try server.read(upTo: 1) == [42])
    let (far, near) = (try server.remoteEndpoint(), try client.localEndpoint())
    #expect(far == near)
  }

  @Test func `datagrams tell who sent them`() throws {
    let address = try #require(InternetEndpoint(numeric: "::1", port: 0))
    let server = try InternetSocket.bindUDP(address)
    let client = try InternetSocket.bindUDP(address)
    try client.send([9, 9], to: try #require(try server.localEndpoint()))
    let (bytes, sender) = try server.receiveDatagram()
    #expect(bytes == [9, 9])
    let near = try client.localEndpoint()
    #expect(sender == near)
  }

  private func freePlace() throws -> InternetEndpoint {
    let probe = try InternetSocket.open(.tcp, ipv6: false)
    try probe.bind(try #require(InternetEndpoint(numeric: "127.0.0.1", port: 0)))
    return try #require(try probe.localEndpoint())
  }

  @Test func `a socket that has stopped listening refuses, keeps its address and can listen again`() throws {
    let place = try freePlace()
    let socket = try InternetSocket.open(.tcp, ipv6: false)
    try socket.bind(place)
    for _ in 0..<2 {
      #expect(throws: SyscallError.self) { _ = try InternetSocket.connect(place) }
      #expect(throws: SyscallError.self) { _ = try InternetSocket.listen(place) }
      #expect(try socket.startListening())
      #expect(throws: SyscallError.self) { _ = try InternetSocket.listen(place) }
      // The server's end goes first, so that it lingers.
      let client = try InternetSocket.connect(place)
      let server = try socket.accept()
      try server.shutdown(write: true)
      #expect(try client.read() == [])
      try socket.stopListening()
    }
    let datagrams = try InternetSocket.bindUDP(try #require(InternetEndpoint(numeric: "127.0.0.1", port: 0)))
    #expect(try !datagrams.startListening())
  }

  @Test func `connections that linger keep their address from nobody who listens next`() throws {
    let place = try freePlace()
    let first = try InternetSocket.open(.tcp, ipv6: false)
    try first.bind(place)
    _ = try first.startListening()
    let client = try InternetSocket.connect(place)
    _ = try first.accept()
    #expect(try client.read() == [])
    try first.stopListening()
    _ = consume first
    let next = try InternetSocket.listen(place)
    let error = #expect(throws: SyscallError.self) { _ = try InternetSocket.listen(place) }
    #expect(error?.errno == .addressInUse)
    _ = next
  }

  @Test func `bytes pass from socket to socket by a pipe`() throws {
    let source = try SocketPair()
    let target = try SocketPair()
    let pipe = try Pipe()
    try source.ours.write([1, 2, 3])
    #expect(try source.theirs.splice(into: pipe.writeEnd, upTo: 100) == 3)
    #expect(try pipe.readEnd.splice(into: target.ours, upTo: 3) == 3)
    #expect(try target.theirs.read(upTo: 10) == [1, 2, 3])
    try source.ours.shutdown(write: true)
    #expect(try source.theirs.splice(into: pipe.writeEnd, upTo: 100) == 0)
  }

  @Test func `a datagram is answered from the address that it was sent to`() throws {
    let server = try InternetSocket.bindUDP(try #require(InternetEndpoint(numeric: "::", port: 0)))
    try server.tellPaths()
    let port = try #require(try server.localEndpoint()).port
    let client = try InternetSocket.connectUDP(try #require(InternetEndpoint(numeric: "::1", port: port)))
    _ = try client.sendSome([7, 8])
    let (bytes, path) = try server.receiveWithPath()
    let near = try client.localEndpoint()
    #expect(bytes == [7, 8] && path.sender == near)
    try server.answer(path, with: [9])
    #expect(try client.read(upTo: 10) == [9])
  }

  @Test func `a Unix socket says who is at the other end`() throws {
    let path = "/tmp/skiff-socket-\(UInt32.random(in: 0 ... .max))"
    let listener = try UnixSocket.listen(path, mode: 0o600)
    #expect(try Files.status(path).permissions == 0o600)
    let client = try UnixSocket.connect(path)
    let server = try listener.accept()
    #expect(try server.peer().pid == Processes.ownID)
    try Files.unlink(path)
    _ = client
  }
}
