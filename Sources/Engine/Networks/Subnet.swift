import JSON

/// `172.18.0.0/16`.
typealias Subnet = Subnetwork<IPv4Address>
/// `fd00:1::/64`.
typealias IPv6Subnet = Subnetwork<IPv6Address>

/// Addresses that begin with the same bits.
struct Subnetwork<Address: InternetAddress>: Hashable, Sendable, CustomStringConvertible {
  var base: Address
  /// 0 to the width of the address.
  var prefixLength: Int

  /// The subnet that holds `address`.
  init(_ address: Address, _ prefixLength: Int) {
    self.prefixLength = min(max(prefixLength, 0), Address.width)
    base = Address(number: address.number & Self.mask(self.prefixLength))
  }

  init?(_ text: some StringProtocol) {
    guard let (address, prefix) = Self.parse(text) else { return nil }
    self.init(address, prefix)
  }

  /// The address as written, bits of the host included, and the prefix' length.
  static func parse(_ text: some StringProtocol) -> (address: Address, prefixLength: Int)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = Address(parts[0]), let prefix = Int(parts[1]),
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), (0...Address.width).contains(prefix)
    else { return nil }
    return (address, prefix)
  }

  private static func mask(_ prefixLength: Int) -> Address.Number {
    prefixLength == 0 ? 0 : Address.Number.max << Address.Number(Address.width - prefixLength)
  }

  var first: Address { base }
  var last: Address { Address(number: base.number | ~Self.mask(prefixLength)) }
  /// The one after the first: where gateways are.
  var second: Address { Address(number: min(base.number + 1, last.number)) }

  /// Addresses that are no host's: of IPv4 the network's own and the one for all, of IPv6 the one for all routers
  /// (RFC 4291, 2.6.1).
  var kept: Set<Address> {
    var kept: Set<Address> = []
    if prefixLength < Address.width - 1 { kept.insert(first) }
    if prefixLength < 31, Address.width == 32 { kept.insert(last) }
    return kept
  }

  func contains(_ address: Address) -> Bool { first <= address && address <= last }
  func overlaps(_ other: Self) -> Bool { first <= other.last && other.first <= last }

  var description: String { "\(base)/\(prefixLength)" }
}

extension Subnetwork: TextCodable { static var textName: String { "subnet" } }
