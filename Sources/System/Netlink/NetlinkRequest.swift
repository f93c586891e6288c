/// One message to rtnetlink, without its sequence number: the same request always has the same bytes.
public struct NetlinkRequest: Sendable, Equatable {
  let type: UInt16
  let flags: UInt16
  let body: [UInt8]
  /// For errors: `add link br-0`.
  public let purpose: String

  init(_ type: UInt16, _ flags: UInt16 = 0, _ purpose: String, body: (inout AttributeWriter) -> Void) {
    var writer = AttributeWriter()
    body(&writer)
    self.type = type
    self.flags = flags
    self.body = writer.bytes
    self.purpose = purpose
  }

  /// The message as it is sent (`struct nlmsghdr` first).
  func message(sequence: UInt32) -> [UInt8] {
    var writer = AttributeWriter()
    writer.number(UInt32(16 + body.count))
    writer.number(type)
    writer.number(flags | Flag.request)
    writer.number(sequence)
    writer.number(UInt32(0))
    writer.raw(body)
    return writer.bytes
  }

  /// Flags of a message (linux/netlink.h).
  enum Flag {
    static let request: UInt16 = 0x1
    static let acknowledge: UInt16 = 0x4
    static let dump: UInt16 = 0x300
    static let replace: UInt16 = 0x100
    static let exclusive: UInt16 = 0x200
    static let create: UInt16 = 0x400
  }
}

/// Types of messages (linux/rtnetlink.h).
extension NetlinkRequest {
  static let newLink: UInt16 = 16
  static let deleteLink: UInt16 = 17
  static let getLink: UInt16 = 18
  static let setLink: UInt16 = 19
  static let newAddress: UInt16 = 20
  static let deleteAddress: UInt16 = 21
  static let getAddress: UInt16 = 22
  static let newRoute: UInt16 = 24
  static let deleteRoute: UInt16 = 25
  static let getRoute: UInt16 = 26
}
