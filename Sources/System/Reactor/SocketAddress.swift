import Glibc
import Linux

/// The bytes of a `struct sockaddr`.
struct SocketAddress: Sendable {
  let family: CInt
  let bytes: [UInt8]

  /// What getaddrinfo(3) finds for a host and port, eight at most. Blocks while names are looked up. A host that is
  /// not known throws ENXIO with the host as subject.
  static func lookUp(host: String, port: UInt16, passive: Bool = false) throws(SyscallError)
    -> [SocketAddress]
  {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = passive ? AI_PASSIVE | AI_NUMERICSERV : AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let node: String? = host.isEmpty ? nil : host
    guard getaddrinfo(node, String(port), &hints, &found) == 0 else {
      throw SyscallError(call: "getaddrinfo", subject: host, errno: Errno(rawValue: ENXIO))
    }
    defer { freeaddrinfo(found) }
    var addresses: [SocketAddress] = []
    var next = found
    while let entry = next?.pointee, addresses.count < 8 {
      let bytes = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
      addresses.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
      next = entry.ai_next
    }
    return addresses
  }
}
