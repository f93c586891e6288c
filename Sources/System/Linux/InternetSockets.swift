import CLinux
import Glibc

/// An IPv4 or IPv6 address, its bytes in network order, and a port.
public struct InternetEndpoint: Hashable, Sendable {
  /// 4 or 16 bytes.
  public let address: [UInt8]
  public let port: UInt16

  /// Nil unless there are 4 or 16 bytes.
  public init?(address: [UInt8], port: UInt16) {
    guard address.count == 4 || address.count == 16 else { return nil }
    self.address = address
    self.port = port
  }

  /// A numeric address: `127.0.0.1`, `::1`; nil for anything else.
  public init?(numeric text: String, port: UInt16) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      address = Array(bytes[..<4])
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      address = bytes
    } else {
      return nil
    }
    self.port = port
  }

  init?(family: CInt, bytes: [UInt8], port: UInt16) {
    guard family == AF_INET || family == AF_INET6 else { return nil }
    self.init(address: Array(bytes[..<(family == AF_INET ? 4 : 16)]), port: port)
  }

  public var isIPv6: Bool { address.count == 16 }
  var family: CInt { isIPv6 ? AF_INET6 : AF_INET }
  /// The address as inet_ntop(3) writes it.
  public var host: String {
    var text = [CChar](repeating: 0, count: 64)
    inet_ntop(family, address, &text, 64)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// TCP and UDP (ip(7)).
public enum InternetSocket {
  public enum Kind: Sendable { case tcp, udp }

  /// An unbound socket; IPv6 ones take IPv6 only.
  public static func open(_ kind: Kind, ipv6: Bool) throws(SyscallError) -> FileDescriptor {
    let type = CInt(kind == .tcp ? 1 : 2) | O_CLOEXEC
    let socket = FileDescriptor(
      owning: try syscall("socket") { Glibc.socket(ipv6 ? AF_INET6 : AF_INET, type, 0) })
    if ipv6 { try socket.setOption(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1, "IPV6_V6ONLY") }
    return socket
  }

  /// A listening TCP socket; port 0 lets the kernel choose.
  public static func listen(_ endpoint: InternetEndpoint, backlog: Int32 = 1024) throws(SyscallError)
    -> FileDescriptor
  {
    let socket = try open(.tcp, ipv6: endpoint.isIPv6)
    try socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
    try socket.bind(endpoint)
    let raw = socket.rawValue
    try syscall("listen") { Glibc.listen(raw, backlog) }
    return socket
  }

  /// A bound UDP socket.
  public static func bindUDP(_ endpoint: InternetEndpoint) throws(SyscallError) -> FileDescriptor {
    let socket = try open(.udp, ipv6: endpoint.isIPv6)
    try socket.bind(endpoint)
    return socket
  }

  /// A TCP connection; with `nonBlocking` it may still be under way: wait until writable, then look at
  /// `pendingError`.
  public static func connect(
    _ endpoint: InternetEndpoint, nonBlocking: Bool = false
  ) throws(SyscallError) -> FileDescriptor {
    let socket = try open(.tcp, ipv6: endpoint.isIPv6)
    try socket.setOption(CInt(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
    if nonBlocking { try socket.setNonBlocking(true) }
    let raw = socket.rawValue
    do throws(SyscallError) {
      try syscall("connect", on: "\(endpoint.host):\(endpoint.port)") {
        clinux_inet_connect(raw, endpoint.family, endpoint.address, endpoint.port)
      }
    } catch  where nonBlocking && error.errno == .inProgress {}
    return socket
  }
}

extension FileDescriptor {
  borrowing func setOption(_ level: CInt, _ option: CInt, _ value: CInt, _ name: String) throws(SyscallError)
  {
    let raw = rawValue
    var value = value
    try syscall("setsockopt", on: name) {
      setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  /// Small writes leave at once (`TCP_NODELAY`).
  public borrowing func setNoDelay(_ on: Bool) throws(SyscallError) {
    try setOption(CInt(IPPROTO_TCP), TCP_NODELAY, on ? 1 : 0, "TCP_NODELAY")
  }

  /// `bind(2)`.
  public borrowing func bind(_ endpoint: InternetEndpoint) throws(SyscallError) {
    let raw = rawValue
    try syscall("bind", on: "\(endpoint.host):\(endpoint.port)") {
      clinux_inet_bind(raw, endpoint.family, endpoint.address, endpoint.port)
    }
  }

  /// `getsockname(2)`, for instance to learn the port the kernel chose.
  public borrowing func localEndpoint() throws(SyscallError) -> InternetEndpoint? { try name(peer: false) }
  /// `getpeername(2)`.
  public borrowing func remoteEndpoint() throws(SyscallError) -> InternetEndpoint? { try name(peer: true) }

  private borrowing func name(peer: Bool) throws(SyscallError) -> InternetEndpoint? {
    let raw = rawValue
    var family: CInt = 0
    var bytes = [UInt8](repeating: 0, count: 16)
    var port: UInt16 = 0
    try syscall("getsockname") { clinux_inet_name(raw, peer ? 1 : 0, &family, &bytes, &port) }
    return InternetEndpoint(family: family, bytes: bytes, port: port)
  }

  /// `sendto(2)`.
  public borrowing func send(_ bytes: [UInt8], to endpoint: InternetEndpoint) throws(SyscallError) {
    let raw = rawValue
    try syscall("sendto", on: "\(endpoint.host):\(endpoint.port)") {
      bytes.withUnsafeBytes {
        clinux_inet_sendto(raw, $0.baseAddress, $0.count, endpoint.family, endpoint.address, endpoint.port)
      }
    }
  }

  /// `recvfrom(2)`: one datagram, cut at `count` bytes, and who sent it.
  public borrowing func receiveDatagram(
    upTo count: Int = 65535
  ) throws(SyscallError) -> (bytes: [UInt8], sender: InternetEndpoint?) {
    let raw = rawValue
    var family: CInt = 0
    var address = [UInt8](repeating: 0, count: 16)
    var port: UInt16 = 0
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try syscall("recvfrom") {
      bytes.withUnsafeMutableBytes {
        clinux_inet_recvfrom(raw, $0.baseAddress, $0.count, &family, &address, &port)
      }
    }
    bytes.removeLast(count - got)
    return (bytes, InternetEndpoint(family: family, bytes: address, port: port))
  }
}
