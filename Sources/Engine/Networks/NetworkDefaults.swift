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

  /// Takes subnets from these pools, `172.30.0.0/16` in pieces of a prefix length, and from no others.
  public mutating func usePools(_ wanted: [(base: String, size: Int)]) throws(EngineError) {
    guard !wanted.isEmpty else { return }
    pools = SubnetPools(
      pools: try wanted.map { (pool) throws(EngineError) in
        guard let base = Subnet(pool.base), (base.prefixLength...30).contains(pool.size) else {
          throw EngineError(
            .invalidArgument, "invalid default address pool: \(pool.base) in subnets of size \(pool.size)")
        }
        return SubnetPools.Pool(base: base, size: pool.size)
      })
  }

  /// - Parameter mark: Eight hexadecimal digits that tell this engine from others of the host; empty for the usual one,
  ///   whose names are `skiff0` and `skiff`.
  public init(execRoot: String, mark: String) {
    self.execRoot = execRoot
    defaultBridge = mark.isEmpty ? "skiff0" : "sk-\(mark)"
    table = mark.isEmpty ? "skiff" : "skiff_\(mark)"
    // Never 0, the group of every other link.
    linkGroup = 0x8000_0000 | (UInt32(mark, radix: 16) ?? 1)
  }
}
