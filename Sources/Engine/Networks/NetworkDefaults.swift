import EngineErrors

/// How this engine uses the host's network, apart from other engines on the same host.
public struct NetworkDefaults: Sendable {
  /// Holds `netns/`, `names/`, `containers/`, `sandboxes/`.
  public var execRoot: String
  /// The bridge of the network `bridge`.
  public var defaultBridge: String
  /// The nftables table that holds all our rules.
  public var table: String
  /// Where ports are published when nothing is said.
  public var hostAddress = "0.0.0.0"
  /// Held while a subnet is chosen, by every engine of this host.
  public var lockPath = "/run/skiff-networks.lock"
  /// Marks links that are about to be deleted.
  var linkGroup: UInt32
  /// Of new bridges that ask for none; nil takes that of the way out of the host.
  public var mtu: UInt32?
  var pools = SubnetPools.standard
  /// Those that the user gave.
  private var givenPools6: SubnetPools<IPv6Address>?
  private let identity: String
  /// The network `bridge` has IPv6.
  var bridgeHasIPv6 = false
  /// What it has then; nil takes one of the pools.
  var bridgeSubnet6: IPv6Subnet?

  /// Made when somebody asks: a hash brings two megabytes of the library along that an idle engine need not have.
  var pools6: SubnetPools<IPv6Address> { givenPools6 ?? .unique(to: identity) }

  /// Takes subnets from these pools, `172.30.0.0/16` or `fd00:1::/56` in pieces of a prefix length, and from no others
  /// of the family.
  public mutating func usePools(_ wanted: [(base: String, size: Int)]) throws(EngineError) {
    var ipv4: [SubnetPools<IPv4Address>.Pool] = []
    var ipv6: [SubnetPools<IPv6Address>.Pool] = []
    for (text, size) in wanted {
      if let base = Subnet(text), (base.prefixLength...30).contains(size) {
        ipv4.append(SubnetPools.Pool(base: base, size: size))
      } else if let base = IPv6Subnet(text), (base.prefixLength...126).contains(size) {
        ipv6.append(SubnetPools.Pool(base: base, size: size))
      } else {
        throw EngineError(
          .invalidArgument, "invalid default address pool: \(text) in subnets of size \(size)")
      }
    }
    if !ipv4.isEmpty { pools = SubnetPools(pools: ipv4) }
    if !ipv6.isEmpty { givenPools6 = SubnetPools(pools: ipv6) }
  }

  /// Gives the network `bridge` IPv6.
  /// - Parameter subnet: `fd00:1::/64`; empty takes one of the pools.
  public mutating func giveBridgeIPv6(_ subnet: String) throws(EngineError) {
    bridgeHasIPv6 = true
    guard !subnet.isEmpty else { return }
    guard let (address, prefix) = IPv6Subnet.parse(subnet), (1...126).contains(prefix) else {
      throw EngineError(.invalidArgument, "invalid fixed-cidr-v6 \(subnet): it must be like fd00:1::/64")
    }
    bridgeSubnet6 = IPv6Subnet(address, prefix)
  }

  /// - Parameter mark: Eight hexadecimal digits that tell this engine from others of the host; empty for the usual one,
  ///   whose names are `skiff0` and `skiff`.
  /// - Parameter identity: What this engine's IPv6 subnets are made of, different from other engines' everywhere.
  public init(execRoot: String, mark: String, identity: String = "") {
    self.execRoot = execRoot
    defaultBridge = mark.isEmpty ? "skiff0" : "sk-\(mark)"
    table = mark.isEmpty ? "skiff" : "skiff_\(mark)"
    self.identity = identity + mark
    // Never 0, the group of every other link.
    linkGroup = 0x8000_0000 | (UInt32(mark, radix: 16) ?? 1)
  }
}
