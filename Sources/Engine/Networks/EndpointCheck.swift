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
      if let address = wish.ipamConfig?.ipv4Address, !address.isEmpty {
        guard isOwn else {
          throw refused("user specified IP address is supported on user defined networks only")
        }
        guard let read = IPv4Address(address), read != .any else {
          throw refused("invalid IPv4 address: \(address)")
        }
      }
      if let address = wish.ipamConfig?.ipv6Address, !address.isEmpty {
        guard isOwn else {
          throw refused("user specified IP address is supported on user defined networks only")
        }
        guard let read = IPv6Address(address), read != .any, read.asIPv4 == nil else {
          throw refused("invalid IPv6 address: \(address)")
        }
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
