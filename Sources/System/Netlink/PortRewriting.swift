/// A socket of this machine that its clients shall see at another port.
public struct ShownPort: Sendable, Equatable {
  public enum Transport: UInt8, Sendable { case tcp = 6, udp = 17 }
  /// IPv4.
  public var address: [UInt8]
  public var transport: Transport
  /// Where the socket is bound, and where clients find it.
  public var bound: UInt16
  public var shown: UInt16

  public init(address: [UInt8], transport: Transport, bound: UInt16, shown: UInt16) {
    self.address = address
    self.transport = transport
    self.bound = bound
    self.shown = shown
  }
}

extension NetlinkSession {
  /// Rewrites ports between local clients and sockets, in the namespace of this session with netfilter, in one
  /// transaction that replaces a table of this name (nf_tables: linux/netfilter/nf_tables.h).
  ///
  /// Without connection tracking, which would cost every packet of the namespace: what comes in is changed behind
  /// everybody else's rules and what goes out before them, so that nobody but the socket sees its own port.
  public func show(_ ports: [ShownPort], table: String) throws(NetlinkError) {
    var requests: [NetlinkRequest] = [
      .newTable(table), .deleteTable(table), .newTable(table),
      .newChain("in", in: table, hook: 1, priority: 300),
      .newChain("out", in: table, hook: 3, priority: -400),
    ]
    for port in ports {
      requests.append(.rewrite(port, incoming: true, chain: "in", in: table))
      requests.append(.rewrite(port, incoming: false, chain: "out", in: table))
    }
    try run([.batchBegin] + requests + [.batchEnd], answered: 1...requests.count)
  }
}

extension NetlinkRequest {
  private static let subsystem: UInt16 = 10
  private static let append: UInt16 = 0x800

  static var batchBegin: NetlinkRequest { batch(16) }
  static var batchEnd: NetlinkRequest { batch(17) }

  private static func batch(_ type: UInt16) -> NetlinkRequest {
    NetlinkRequest(type, 0, "change the packet filter") { $0.raw([0, 0, 0, UInt8(subsystem)]) }
  }

  private static func nftables(
    _ message: UInt16, _ flags: UInt16, _ purpose: String, _ body: (inout AttributeWriter) -> Void
  ) -> NetlinkRequest {
    NetlinkRequest(subsystem << 8 | message, flags, purpose) { writer in
      writer.netfilterHeader()
      body(&writer)
    }
  }

  static func newTable(_ name: String) -> NetlinkRequest {
    nftables(0, Flag.create, "add table \(name)") { $0.attribute(1, text: name) }
  }

  static func deleteTable(_ name: String) -> NetlinkRequest {
    nftables(2, 0, "delete table \(name)") { $0.attribute(1, text: name) }
  }

  static func newChain(_ name: String, in table: String, hook: UInt32, priority: Int32) -> NetlinkRequest {
    nftables(3, Flag.create, "add chain \(name)") { writer in
      writer.attribute(1, text: table)
      writer.attribute(3, text: name)
      writer.nest(4) {
        $0.attribute(1, hook.bigEndian)
        $0.attribute(2, priority.bigEndian)
      }
      writer.attribute(7, text: "filter")
    }
  }

  static func rewrite(_ port: ShownPort, incoming: Bool, chain: String, in table: String) -> NetlinkRequest {
    // The destination's address and port, or the source's: ip(7), udp(7), tcp(7).
    let (address, offset): (UInt32, UInt32) = incoming ? (16, 2) : (12, 0)
    let (old, new) = incoming ? (port.shown, port.bound) : (port.bound, port.shown)
    return nftables(6, Flag.create | append, "add rule") { writer in
      writer.attribute(1, text: table)
      writer.attribute(2, text: chain)
      writer.nest(4) { rule in
        rule.expression("meta") {
          $0.attribute(1, register)
          $0.attribute(2, UInt32(16).bigEndian)
        }
        rule.compare([port.transport.rawValue])
        rule.load(base: 1, offset: address, length: 4)
        rule.compare(port.address)
        rule.load(base: 2, offset: offset, length: 2)
        rule.compare(bytes(old))
        rule.expression("immediate") {
          $0.attribute(1, register)
          $0.nest(2) { $0.attribute(1, bytes(new)) }
        }
        rule.store(offset: offset, length: 2, checksum: port.transport == .udp ? 6 : 16)
      }
    }
  }

  private static func bytes(_ port: UInt16) -> [UInt8] { [UInt8(port >> 8), UInt8(port & 255)] }
}

/// The first register of a rule.
private let register = UInt32(1).bigEndian

extension AttributeWriter {
  fileprivate mutating func expression(_ name: String, _ body: (inout AttributeWriter) -> Void) {
    nest(1) { element in
      element.attribute(1, text: name)
      element.nest(2, body)
    }
  }

  fileprivate mutating func compare(_ value: [UInt8]) {
    expression("cmp") {
      $0.attribute(1, register)
      $0.attribute(2, UInt32(0))
      $0.nest(3) { $0.attribute(1, value) }
    }
  }

  /// From the network header (1) or the transport header (2).
  fileprivate mutating func load(base: UInt32, offset: UInt32, length: UInt32) {
    expression("payload") {
      $0.attribute(1, register)
      $0.attribute(2, base.bigEndian)
      $0.attribute(3, offset.bigEndian)
      $0.attribute(4, length.bigEndian)
    }
  }

  /// Into the transport header; the internet checksum at `checksum` is kept right.
  fileprivate mutating func store(offset: UInt32, length: UInt32, checksum: UInt32) {
    expression("payload") {
      $0.attribute(5, register)
      $0.attribute(2, UInt32(2).bigEndian)
      $0.attribute(3, offset.bigEndian)
      $0.attribute(4, length.bigEndian)
      $0.attribute(6, UInt32(1).bigEndian)
      $0.attribute(7, checksum.bigEndian)
    }
  }
}
