/// Addresses as names under `in-addr.arpa` and `ip6.arpa` (RFC 1035, 3.5; RFC 3596, 2.5).
public enum ReverseName {
  /// The 4 or 16 bytes of the address that the name stands for; nil for any other name.
  public static func address(of name: DNSName) -> [UInt8]? {
    let labels = name.labels
    guard labels.last == "arpa" else { return nil }
    switch labels.dropLast().last {
    case "in-addr" where labels.count == 6:
      let parts = labels.prefix(4).reversed().compactMap { UInt8($0) }
      return parts.count == 4 ? parts : nil
    case "ip6" where labels.count == 34:
      let nibbles = labels.prefix(32).reversed().compactMap {
        $0.utf8.count == 1 ? UInt8($0, radix: 16) : nil
      }
      guard nibbles.count == 32 else { return nil }
      return stride(from: 0, to: 32, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    default: return nil
    }
  }
}
