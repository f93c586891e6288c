import Linux

/// Where the registry of a domain answers, and how far it is trusted.
struct RegistryHost: Sendable {
  /// `https://host:port`
  let base: String
  /// Plain HTTP and any certificate are fine on this machine itself, and where the engine was told so.
  let isLocal: Bool

  init(domain: String, plain: Bool = false, isInsecure: Bool = false) {
    let host = domain == "docker.io" ? "registry-1.docker.io" : domain
    isLocal = isInsecure || Self.isLoopback(domain)
    base = "\(plain ? "http" : "https")://\(host)"
  }

  /// A mirror by its address, `https://host:port`.
  init(mirror address: String) {
    base = address.hasSuffix("/") ? String(address.dropLast()) : address
    let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
    isLocal = Self.isLoopback(String(address[start...].prefix { $0 != "/" }))
  }

  /// Whether a domain with an optional port means this machine.
  static func isLoopback(_ domain: String) -> Bool {
    var host = domain[...]
    if let colon = domain.lastIndex(of: ":"), !domain.hasSuffix("]") { host = domain[..<colon] }
    return host == "localhost" || host == "[::1]" || isLoopbackAddress(host)
  }

  private static func isLoopbackAddress(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
