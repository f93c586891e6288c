import Linux

/// One message from the kernel.
struct Message {
  static let error: UInt16 = 2
  static let done: UInt16 = 3

  let type: UInt16
  let flags: UInt16
  let sequence: UInt32
  let body: ArraySlice<UInt8>

  /// The messages of one datagram; what is cut short ends the list.
  static func parse(_ bytes: [UInt8]) -> [Message] {
    var messages: [Message] = []
    var rest = bytes[...]
    while let length = rest.load(UInt32.self, at: 0).map(Int.init), length >= 16, length <= rest.count,
      let type = rest.load(UInt16.self, at: 4), let flags = rest.load(UInt16.self, at: 6),
      let sequence = rest.load(UInt32.self, at: 8)
    {
      messages.append(
        Message(type: type, flags: flags, sequence: sequence, body: rest.dropFirst(16).prefix(length - 16)))
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return messages
  }

  /// What an `NLMSG_ERROR` says; nil for an acknowledgement.
  func error(_ purpose: String) -> NetlinkError? {
    guard let code = body.load(Int32.self, at: 0), code != 0 else { return nil }
    let hasText: UInt16 = 0x200
    // The request's own header follows the code; its body is left out (NETLINK_CAP_ACK).
    let text = flags & hasText != 0 ? AttributeReader(body.dropFirst(20)).text(1) : nil
    return NetlinkError(purpose: purpose, errno: Errno(rawValue: -code), detail: text)
  }
}
