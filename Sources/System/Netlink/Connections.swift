import Linux

/// The kernel's connection tracking (ctnetlink: linux/netfilter/nfnetlink_conntrack.h).
extension NetlinkRequest {
  private static let subsystem: UInt16 = 1 << 8
  static let newConnection: UInt16 = subsystem | 0
  static let getConnection: UInt16 = subsystem | 1
  static let deleteConnection: UInt16 = subsystem | 2

  /// Forgets one connection, by the direction in which it began.
  static func delete(connection: Connection, ipv6: Bool = false) -> NetlinkRequest {
    NetlinkRequest(deleteConnection, 0, "forget a connection") { body in
      body.netfilterHeader(ipv6: ipv6)
      body.attribute(Connection.original | AttributeWriter.nestedFlag, connection.original)
    }
  }
}

/// One tracked connection.
struct Connection: Equatable {
  /// The kernel's description of the direction in which it began, as it came.
  var original: [UInt8]
  var transport: UInt8
  /// Where it was sent to, before any translation.
  var port: UInt16

  static let original: UInt16 = 1
  private static let proto: UInt16 = 2
  private static let number: UInt16 = 1
  private static let destinationPort: UInt16 = 3
  static let udp: UInt8 = 17

  init?(_ message: Message) {
    guard message.type == NetlinkRequest.newConnection else { return nil }
    let attributes = AttributeReader(message.body.dropFirst(4))
    guard let original = attributes.bytes(Self.original),
      let proto = AttributeReader(original[...]).nested(Self.proto),
      let transport: UInt8 = proto.number(Self.number), let port: UInt16 = proto.number(Self.destinationPort)
    else { return nil }
    self.original = original
    self.transport = transport
    self.port = UInt16(bigEndian: port)
  }
}

extension NetlinkSession {
  /// Forgets the UDP flows over IPv4, or IPv6, that were sent to these ports, so that their next packets meet the rules of now. A flow
  /// keeps its way as long as it goes on, whatever the rules have become. For a session with netfilter.
  public func forgetUDP(ports: Set<UInt16>, ipv6: Bool = false) throws(NetlinkError) {
    let all = NetlinkRequest(NetlinkRequest.getConnection, NetlinkRequest.Flag.dump, "list connections") {
      $0.netfilterHeader(ipv6: ipv6)
    }
    let flows = try dump(all).compactMap(Connection.init)
      .filter { $0.transport == Connection.udp && ports.contains($0.port) }
    for flow in flows {
      do throws(NetlinkError) { try run(.delete(connection: flow, ipv6: ipv6)) } catch {
        // It ended by itself meanwhile.
        guard error.errno == .noSuchFile else { throw error }
      }
    }
  }
}

extension AttributeWriter {
  /// `struct nfgenmsg`, with which every message to netfilter begins.
  mutating func netfilterHeader(ipv6: Bool = false) {
    raw([ipv6 ? AddressFamily.ipv6 : AddressFamily.ipv4, 0, 0, 0])
  }
}
