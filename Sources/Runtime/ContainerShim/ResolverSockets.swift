import Linux
import Netlink

/// The name server's sockets inside a container's network namespace.
///
/// They are bound to ports that the kernel chooses and shown at 53, so that a name server of the container's own can
/// have 0.0.0.0:53.
enum ResolverSockets {
  private static let port: UInt16 = 53
  private static let table = "skiff-names"

  /// Opens both in the namespace, and comes back; the descriptors are the caller's.
  static func open(at address: [UInt8], in namespace: String) throws(SyscallError) -> (udp: Int32, tcp: Int32)
  {
    try NetworkPlace.visit(namespace) { () throws(SyscallError) in try openHere(address) }
  }

  private static func openHere(_ address: [UInt8]) throws(SyscallError) -> (udp: Int32, tcp: Int32) {
    let sockets = try bind(address, 0)
    do throws(NetlinkError) {
      try NetlinkSession(.netfilter).show(
        [
          ShownPort(address: address, transport: .udp, bound: sockets.udpPort, shown: port),
          ShownPort(address: address, transport: .tcp, bound: sockets.tcpPort, shown: port),
        ], table: table)
      return (udp: sockets.udp, tcp: sockets.tcp)
    } catch {
      // A kernel without nftables: names matter more than a port that somebody may want.
      Diagnostics.say("name server: \(error); it takes port 53 for itself")
      _ = FileDescriptor(owning: sockets.udp)
      _ = FileDescriptor(owning: sockets.tcp)
    }
    let plain = try bind(address, port)
    return (udp: plain.udp, tcp: plain.tcp)
  }

  private struct Bound {
    let udp: Int32
    let udpPort: UInt16
    let tcp: Int32
    let tcpPort: UInt16
  }

  private static func bind(_ address: [UInt8], _ port: UInt16) throws(SyscallError) -> Bound {
    guard let endpoint = InternetEndpoint(address: address, port: port) else {
      throw SyscallError(call: "bind", errno: .invalidArgument)
    }
    let udp = try InternetSocket.bindUDP(endpoint)
    let tcp = try InternetSocket.listen(endpoint, backlog: 64)
    try udp.setNonBlocking(true)
    try tcp.setNonBlocking(true)
    let ports = (try udp.localEndpoint()?.port ?? port, try tcp.localEndpoint()?.port ?? port)
    return Bound(udp: udp.release(), udpPort: ports.0, tcp: tcp.release(), tcpPort: ports.1)
  }
}
