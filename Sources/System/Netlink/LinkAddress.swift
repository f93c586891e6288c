/// An address of a link; 4 or 16 bytes.
public struct LinkAddress: Sendable, Equatable {
  public var link: Int32
  public var address: [UInt8]
  public var prefixLength: UInt8

  static let address: UInt16 = 1
  static let local: UInt16 = 2
  static let broadcast: UInt16 = 4

  init?(_ message: Message) {
    guard message.type == NetlinkRequest.newAddress, let prefix = message.body.load(UInt8.self, at: 1),
      let link = message.body.load(Int32.self, at: 4)
    else { return nil }
    let attributes = AttributeReader(message.body.dropFirst(8))
    guard let address = attributes.bytes(Self.local) ?? attributes.bytes(Self.address) else { return nil }
    self.link = link
    self.address = address
    prefixLength = prefix
  }
}

extension NetlinkRequest {
  /// Gives the link an address of 4 or 16 bytes; IPv4 ones with the broadcast address of their subnet.
  /// - Parameter unverified: The kernel does not ask whether somebody else has the IPv6 address, which keeps everybody
  ///   from using it for a second or two.
  public static func addAddress(
    _ address: [UInt8], prefixLength: UInt8, link: Int32, unverified: Bool = false
  ) -> NetlinkRequest {
    NetlinkRequest(newAddress, Flag.create | Flag.replace, "add address to link \(link)") { body in
      let noDuplicateDetection: UInt8 = 2
      body.addressHeader(
        address, prefixLength, link, flags: unverified && address.count == 16 ? noDuplicateDetection : 0)
      if address.count == 4, prefixLength < 31 {
        let number = address.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let broadcast = number | (UInt32.max >> UInt32(prefixLength))
        body.attribute(LinkAddress.broadcast, broadcast.bigEndian)
      }
    }
  }

  public static func deleteAddress(_ address: [UInt8], prefixLength: UInt8, link: Int32) -> NetlinkRequest {
    NetlinkRequest(deleteAddress, 0, "delete address of link \(link)") {
      $0.addressHeader(address, prefixLength, link)
    }
  }
}

extension NetlinkSession {
  /// Every address of every link, IPv4 and IPv6.
  public func addresses() throws(NetlinkError) -> [LinkAddress] {
    try dump(
      NetlinkRequest(NetlinkRequest.getAddress, NetlinkRequest.Flag.dump, "list addresses") {
        $0.number(UInt64(0))
      }
    ).compactMap(LinkAddress.init)
  }
}

extension AttributeWriter {
  /// `struct ifaddrmsg` and the address itself.
  fileprivate mutating func addressHeader(
    _ address: [UInt8], _ prefixLength: UInt8, _ link: Int32, flags: UInt8 = 0
  ) {
    raw([AddressFamily.of(address), prefixLength, flags, 0])
    number(link)
    attribute(LinkAddress.local, address)
    attribute(LinkAddress.address, address)
  }
}

enum AddressFamily {
  static let ipv4: UInt8 = 2
  static let ipv6: UInt8 = 10
  static func of(_ address: [UInt8]) -> UInt8 { address.count == 16 ? ipv6 : ipv4 }
}
