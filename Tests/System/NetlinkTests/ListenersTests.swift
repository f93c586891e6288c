import Linux
import Testing

@testable import Netlink

struct ListenersTests {
  private func listens(_ host: String, _ port: UInt16) throws -> Bool {
    let address = try #require(InternetEndpoint(numeric: host, port: 0)).address
    return try NetlinkSession(.sockets).isListening(at: address, port: port)
  }

  @Test func `a port has a server as long as one listens there`() throws {
    let socket = try InternetSocket.open(.tcp, ipv6: false)
    try socket.bind(try #require(InternetEndpoint(numeric: "127.0.0.1", port: 0)))
    let port = try #require(try socket.localEndpoint()).port
    #expect(try !listens("127.0.0.1", port))
    _ = try socket.startListening()
    #expect(try listens("127.0.0.1", port))
    #expect(try !listens("0.0.0.0", port), "one address is not all of them")
    #expect(try !listens("127.0.0.2", port))
    try socket.stopListening()
    #expect(try !listens("127.0.0.1", port))
  }

  @Test func `a server on all addresses is found whatever is asked for`() throws {
    let server = try InternetSocket.listen(try #require(InternetEndpoint(numeric: "0.0.0.0", port: 0)))
    let port = try #require(try server.localEndpoint()).port
    #expect(try listens("0.0.0.0", port) && listens("127.0.0.5", port))
  }

  /// A kernel without IPv6 has nothing to ask about.
  @Test(.enabled(if: Files.exist("/proc/sys/net/ipv6"))) func `servers over IPv6 are found as well`() throws {
    let server = try InternetSocket.listen(try #require(InternetEndpoint(numeric: "::1", port: 0)))
    let port = try #require(try server.localEndpoint()).port
    #expect(try listens("::1", port) && !listens("fd00::1", port) && !listens("127.0.0.1", port))
  }
}
