/// A link of the session's namespace.
public struct Link: Sendable, Equatable {
  public var index: Int32
  public var name: String
  /// `bridge`, `veth`; nil for hardware and loopback.
  public var kind: String?
  /// The index of the bridge it is a port of.
  public var master: Int32?
  public var mtu: UInt32
  public var macAddress: [UInt8]
  public var isUp: Bool

  // Attributes and flags (linux/if_link.h, linux/if_bridge.h).
  static let address: UInt16 = 1
  static let name: UInt16 = 3
  static let mtu: UInt16 = 4
  static let master: UInt16 = 10
  static let info: UInt16 = 18
  static let group: UInt16 = 27
  static let parent: UInt16 = 5
  static let namespaceDescriptor: UInt16 = 28
  static let infoKind: UInt16 = 1
  static let infoData: UInt16 = 2
  static let infoSlaveKind: UInt16 = 4
  static let infoSlaveData: UInt16 = 5
  static let vethPeer: UInt16 = 1
  static let bridgePortMode: UInt16 = 4
  static let macvlanMode: UInt16 = 1
  static let upFlag = 1

  init?(_ message: Message) {
    guard message.type == NetlinkRequest.newLink, let index = message.body.load(Int32.self, at: 4),
      let flags = message.body.load(UInt32.self, at: 8)
    else { return nil }
    let attributes = AttributeReader(message.body.dropFirst(16))
    self.index = index
    name = attributes.text(Self.name) ?? ""
    kind = attributes.nested(Self.info)?.text(Self.infoKind)
    master = attributes.number(Self.master)
    mtu = attributes.number(Self.mtu) ?? 0
    macAddress = attributes.bytes(Self.address) ?? []
    isUp = flags & UInt32(Self.upFlag) != 0
  }
}

extension NetlinkSession {
  /// Every link.
  public func links() throws(NetlinkError) -> [Link] {
    try dump(
      NetlinkRequest(NetlinkRequest.getLink, NetlinkRequest.Flag.dump, "list links") { $0.linkHeader() }
    )
    .compactMap(Link.init)
  }

  /// The link of this name; nil when there is none.
  public func link(_ name: String) throws(NetlinkError) -> Link? {
    let request = NetlinkRequest(NetlinkRequest.getLink, 0, "get link \(name)") { body in
      body.linkHeader()
      body.attribute(Link.name, text: name)
    }
    do throws(NetlinkError) { return try ask(request).flatMap(Link.init) } catch
      where error.errno.isMissingDevice
    {
      return nil
    }
  }
}
