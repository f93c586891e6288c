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
