import JSON

/// An IPv4 address; ordered as numbers are.
struct IPv4Address: Hashable, Comparable, Sendable, CustomStringConvertible {
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

  /// In network order.
  var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) } }

  var description: String { bytes.map { "\($0)" }.joined(separator: ".") }

  static let any = IPv4Address(number: 0)

  static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.number < right.number }
}

/// `172.18.0.0/16`.
struct Subnet: Hashable, Sendable, CustomStringConvertible {
  var base: IPv4Address
  /// 0-32.
  var prefixLength: Int

  /// The subnet that holds `address`.
  init(_ address: IPv4Address, _ prefixLength: Int) {
    self.prefixLength = min(max(prefixLength, 0), 32)
    base = IPv4Address(number: address.number & Self.mask(self.prefixLength))
  }

  init?(_ text: some StringProtocol) {
    guard let (address, prefix) = Self.parse(text) else { return nil }
    self.init(address, prefix)
  }

  /// The address as written, bits of the host included, and the prefix' length.
  static func parse(_ text: some StringProtocol) -> (address: IPv4Address, prefixLength: Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPv4Address(parts[0]), let prefix = Int(parts[1]),
      parts[1].first != "+", (0...32).contains(prefix)
    else { return nil }
    return (address, prefix)
  }

  private static func mask(_ prefixLength: Int) -> UInt32 {
    prefixLength == 0 ? 0 : UInt32.max << UInt32(32 - prefixLength)
  }

  var first: IPv4Address { base }
  var last: IPv4Address { IPv4Address(number: base.number | ~Self.mask(prefixLength)) }

  func contains(_ address: IPv4Address) -> Bool { first <= address && address <= last }
  func contains(_ other: Subnet) -> Bool { prefixLength <= other.prefixLength && contains(other.base) }
  func overlaps(_ other: Subnet) -> Bool { first <= other.last && other.first <= last }

  var description: String { "\(base)/\(prefixLength)" }
}

extension IPv4Address: TextCodable { static let textName = "IPv4 address" }
extension Subnet: TextCodable { static let textName = "subnet" }
