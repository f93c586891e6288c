import JSON
import Linux

/// An IPv6 address.
struct IPv6Address: InternetAddress {
  // Two halves, because Swift 6.3.1 puts a whole one, which must lie at a multiple of 16, anywhere in an async
  // function's frame, and then dies of it.
  private let high: UInt64
  private let low: UInt64

  var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

  init(number: UInt128) {
    high = UInt64(truncatingIfNeeded: number >> 64)
    low = UInt64(truncatingIfNeeded: number)
  }

  /// As inet_pton(3) reads it; without a zone.
  init?(_ text: some StringProtocol) {
    guard let endpoint = InternetEndpoint(numeric: String(text), port: 0), endpoint.isIPv6 else { return nil }
    self.init(bytes: endpoint.address)
  }

  /// `::ffff:127.0.0.1`.
  var asIPv4: IPv4Address? {
    number >> 32 == 0xffff ? IPv4Address(number: UInt32(truncatingIfNeeded: number)) : nil
  }

  /// `fe80::/10`: every link has such addresses of its own.
  var isLinkLocal: Bool { number >> 118 == 0xfe80 >> 6 }

  var description: String { HostAddress.ipv6(self).endpoint(0).host }

  static let any = IPv6Address(number: 0)
  static let loopback = IPv6Address(number: 1)
  static let family = "IPv6"
  static let textName = "IPv6 address"

  /// Whether the kernel has IPv6 at all.
  static var isInKernel: Bool { Files.exist("/proc/sys/net/ipv6/conf/all/disable_ipv6") }
}
