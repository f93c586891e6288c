import DockerAPI
import EngineErrors

/// What containers may wish of their places in networks, as far as the wish alone tells; in docker's words.
public enum EndpointCheck {
  public static func check(_ endpoints: [String: EndpointSettings]) throws(EngineError) {
    for (name, wish) in endpoints.sorted(by: { $0.key < $1.key }) {
      let isOwn = !["bridge", "default", "host", "none"].contains(name)
      if !isOwn, !(wish.aliases ?? []).isEmpty {
        throw refused("network-scoped alias is supported only for containers in user defined networks")
      }
      let ipv4 = wish.ipamConfig?.ipv4Address ?? ""
      let ipv6 = wish.ipamConfig?.ipv6Address ?? ""
      guard isOwn || (ipv4.isEmpty && ipv6.isEmpty) else {
        throw refused("user specified IP address is supported on user defined networks only")
      }
      guard ipv4.isEmpty || IPv4Address(ipv4).map({ $0 != .any }) == true else {
        throw refused("invalid IPv4 address: \(ipv4)")
      }
      guard ipv6.isEmpty || IPv6Address(ipv6).map({ $0 != .any && $0.asIPv4 == nil }) == true else {
        throw refused("invalid IPv6 address: \(ipv6)")
      }
      for address in wish.ipamConfig?.linkLocalIPs ?? []
      where IPv4Address(address) == nil && IPv6Address(address) == nil {
        throw refused("invalid link-local IP address: \(address)")
      }
      if !wish.macAddress.isEmpty, MACAddress(wish.macAddress) == nil {
        throw refused("invalid MAC address \(wish.macAddress)")
      }
    }
  }

  private static func refused(_ why: String) -> EngineError {
    EngineError(.invalidArgument, "invalid endpoint settings:\n\(why)")
  }
}
