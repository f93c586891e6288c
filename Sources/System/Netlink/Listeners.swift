import Linux

/// Who listens (sock_diag(7), linux/inet_diag.h).
extension NetlinkRequest {
  static let socketsByFamily: UInt16 = 20

  /// The TCP socket that a new connection to this address and port would find.
  static func listener(at address: [UInt8], port: UInt16) -> NetlinkRequest {
    NetlinkRequest(socketsByFamily, 0, "ask who listens at port \(port)") { body in
      let tcp: UInt8 = 6
      body.raw([AddressFamily.of(address), tcp, 0, 0])
      let everyState: UInt32 = 0xffff_ffff
      body.number(everyState)
      // Its end, and nobody at the other one.
      body.number(port.bigEndian)
      body.number(UInt16(0))
      body.raw(address + [UInt8](repeating: 0, count: 32 - address.count))
      body.number(UInt32(0))
      let anyCookie: UInt64 = .max
      body.number(anyCookie)
    }
  }
}

extension NetlinkSession {
  /// Whether a new connection to this address and port would find a server, in the namespace of this session
  /// with the kernel's sockets. Nobody notices that it was asked. 0.0.0.0 finds those that listen on all addresses.
  public func isListening(at address: [UInt8], port: UInt16) throws(NetlinkError) -> Bool {
    do throws(NetlinkError) {
      let listening: UInt8 = 10
      return try ask(.listener(at: address, port: port))?.body.load(UInt8.self, at: 1) == listening
    } catch {
      guard error.errno == .noSuchFile else { throw error }
      return false
    }
  }
}
