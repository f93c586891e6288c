/// Hosts and networks whose registries may speak plain HTTP and show any certificate.
struct InsecureRegistries: Sendable, Equatable {
  private var hosts: Set<String> = []
  private var networks: [Network] = []

  private struct Network: Equatable {
    let address: UInt32
    let mask: UInt32
  }

  /// `HOST`, `HOST:PORT` or `10.0.0.0/8`.
  init(_ entries: [String]) {
    for entry in entries {
      let parts = entry.split(separator: "/", maxSplits: 1)
      if parts.count == 2, let address = Self.address(parts[0]), let bits = UInt32(parts[1]), bits <= 32 {
        let mask = bits == 0 ? 0 : UInt32.max << (32 - bits)
        networks.append(Network(address: address & mask, mask: mask))
      } else {
        hosts.insert(entry)
      }
    }
  }

  /// Whether a registry's `HOST[:PORT]` is among them; names are not looked up.
  func contain(_ domain: String) -> Bool {
    if hosts.contains(domain) { return true }
    guard let address = Self.address(domain.prefix { $0 != ":" }) else { return false }
    return networks.contains { address & $0.mask == $0.address }
  }

  private static func address(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard let part else { return nil }
      address = address << 8 | UInt32(part)
    }
    return address
  }
}
