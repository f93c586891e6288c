/// The address of an Ethernet link.
struct MACAddress: Hashable, Sendable, CustomStringConvertible {
  /// 6 bytes.
  let bytes: [UInt8]

  /// `02:42:ac:12:00:02`, with colons or hyphens.
  init?(_ text: String) {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
    let bytes = parts.compactMap { $0.utf8.count == 2 && $0.first != "+" ? UInt8($0, radix: 16) : nil }
    guard parts.count == 6, bytes.count == 6 else { return nil }
    self.bytes = bytes
  }

  /// Docker's choice: locally administered, the rest from the address' end, so that it is unique where that is.
  init(_ address: some InternetAddress) { bytes = [0x02, 0x42] + address.bytes.suffix(4) }

  /// That of who has these addresses, of which there is one at least.
  init(_ addresses: AddressPair) {
    self = addresses.ipv4.map(MACAddress.init) ?? MACAddress(addresses.ipv6 ?? .any)
  }

  var description: String {
    bytes.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined(separator: ":")
  }
}
