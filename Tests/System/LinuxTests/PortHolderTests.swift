import Testing

@testable import Linux

@Suite struct PortHolderTests {
  @Test func `a line of the kernel's table names the socket's inode`() {
    let line: Substring =
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000 100 0 0"
    #expect(PortHolder.inode(line, 8080, "0A") == "4711")
    #expect(PortHolder.inode(line, 8081, "0A") == nil && PortHolder.inode(line, 8080, "07") == nil)
    #expect(PortHolder.inode("  sl  local_address rem_address   st", 8080, "0A") == nil)
  }

  @Test func `whoever listens is found, and nobody at a port that is free`() throws {
    let address = try #require(InternetEndpoint(numeric: "127.0.0.1", port: 0))
    let socket = try InternetSocket.listen(address)
    let port = try #require(try socket.localEndpoint()).port
    #expect(PortHolder.find(port)?.pid == Processes.ownID)
    #expect(PortHolder.find(port, udp: true) == nil)
  }
}
