import JSON

/// An IPv4 or IPv6 address as a number, which is what counting, masking and comparing need.
protocol InternetAddress: Hashable, Comparable, Sendable, TextCodable {
  associatedtype Number: FixedWidthInteger & UnsignedInteger & Sendable

  var number: Number { get }
  init(number: Number)
  init?(_ text: some StringProtocol)
  /// `IPv4`, `IPv6`.
  static var family: String { get }
}

extension InternetAddress {
  /// How many bits it has.
  static var width: Int { Number.bitWidth }

  /// From bytes in network order, as many as the address has.
  init(bytes: some Collection<UInt8>) { self.init(number: bytes.reduce(0) { $0 << 8 | Number($1) }) }

  /// In network order.
  var bytes: [UInt8] {
    stride(from: Self.width - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Number($0)) }
  }

  static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// An IPv4 address.
struct IPv4Address: InternetAddress {
  var number: UInt32

  init(number: UInt32) { self.number = number }

  /// Four decimal numbers, nothing else: no spaces, no leading zeros.
  init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    number = 0
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
        part.count == 1 || part.first != UInt8(ascii: "0")
      else { return nil }
      let value = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
      guard value <= 255 else { return nil }
      number = number << 8 | value
    }
  }

  var description: String { bytes.map { "\($0)" }.joined(separator: ".") }

  static let any = IPv4Address(number: 0)
  static let family = "IPv4"
  static let textName = "IPv4 address"
}
