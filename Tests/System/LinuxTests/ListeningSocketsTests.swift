import Testing

@testable import Linux

@Suite struct ListeningSocketsTests {
  @Test(arguments: [
    (
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 1",
      "127.0.0.1 8080 true"
    ),
    (
      "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 1", "0.0.0.0 80 false"
    ),
    (
      "   2: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000",
      "::1 22 true"
    ),
    (
      "   3: 0000000000000000FFFF00000100007F:0016 00000000000000000000000000000000:0000 0A 00000000:00000000",
      "::ffff:127.0.0.1 22 true"
    ),
    ("   4: 0100007F:1F90 0100007F:0050 01 00000000:00000000 00:00000000 00000000  0 0 1", "nil"),
    ("   5: 0100007F", "nil"), ("", "nil"), ("   6: XYZ:1F90 0:0 0A x", "nil"),
    ("   7: 01:1F90 0:0 0A x", "nil"),
  ])
  func `a line of the kernel's table is read`(_ line: String, _ expected: String) {
    let found = ListeningSockets.endpoint(line[...])
    #expect((found.map { "\($0.host) \($0.port) \($0.isLoopback)" } ?? "nil") == expected)
  }

  @Test func `a process sees its own listener`() throws {
    let address = try #require(InternetEndpoint(numeric: "127.0.0.1", port: 0))
    let socket = try InternetSocket.listen(address)
    let local = try #require(try socket.localEndpoint())
    #expect(ListeningSockets.of(Processes.ownID).contains(local))
  }
}
