import JSON
import Linux

/// An address of the host, or all of a family; IPv4 ones come first.
enum HostAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  case ipv4(IPv4Address)
  case ipv6(IPv6Address)

  static let anyIPv4 = HostAddress.ipv4(.any)
  static let anyIPv6 = HostAddress.ipv6(.any)
  static let loopback = HostAddress.ipv4(IPv4Address(number: 0x7f00_0001))

  /// `127.0.0.1`, `::1`; IPv4 addresses that are written as IPv6 ones are IPv4 addresses.
  init?(_ text: some StringProtocol) {
    if let address = IPv4Address(text) {
      self = .ipv4(address)
    } else if let address = IPv6Address(text) {
      self = address.asIPv4.map { .ipv4($0) } ?? .ipv6(address)
    } else {
      return nil
    }
  }

  var isIPv6: Bool { if case .ipv6 = self { true } else { false } }
  var isAny: Bool { self == .anyIPv4 || self == .anyIPv6 }

  /// Whether a socket that is bound to the one keeps another from being bound to the other, at the same port.
  func excludes(_ other: HostAddress) -> Bool {
    isIPv6 == other.isIPv6 && (self == other || isAny || other.isAny)
  }

  func endpoint(_ port: UInt16) -> InternetEndpoint {
    let bytes =
      switch self {
      case .ipv4(let address): address.bytes
      case .ipv6(let address): address.bytes
      }
    guard let endpoint = InternetEndpoint(address: bytes, port: port) else {
      preconditionFailure("an address has four or sixteen bytes")
    }
    return endpoint
  }

  var description: String {
    switch self {
    case .ipv4(let address): "\(address)"
    case .ipv6(let address): "\(address)"
    }
  }

  /// Whether programs of the host can use IPv6.
  static var haveIPv6: Bool {
    // Whatever the reason is: nobody could reach a port there.
    (try? InternetSocket.bindUDP(HostAddress.ipv6(.loopback).endpoint(0))) != nil
  }
}

extension HostAddress: TextCodable { static let textName = "address" }
