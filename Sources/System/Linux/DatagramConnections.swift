import CLinux
import Glibc

extension InternetSocket {
  /// A non-blocking UDP socket that sends to `endpoint` and hears only from it; the kernel picks its port.
  public static func connectUDP(_ endpoint: InternetEndpoint) throws(SyscallError) -> FileDescriptor {
    let socket = try open(.udp, ipv6: endpoint.isIPv6)
    try socket.setNonBlocking(true)
    let raw = socket.rawValue
    try syscall("connect", on: "\(endpoint.host):\(endpoint.port)") {
      clinux_inet_connect(raw, endpoint.family, endpoint.address, endpoint.port)
    }
    return socket
  }
}
