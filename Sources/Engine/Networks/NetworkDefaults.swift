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
  var pools = SubnetPools.standard

  /// Names of its own for every exec root: `skiff0` and `skiff` for the usual one.
  public init(execRoot: String) {
    self.execRoot = execRoot
    // FNV-1a: the same name after every restart, unlike Swift's own hashing.
    let hash = execRoot.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    // Never 0, the group of every other link.
    linkGroup = hash | 0x8000_0000
    guard execRoot != "/run/skiff" else {
      defaultBridge = "skiff0"
      table = "skiff"
      return
    }
    let digits = String(hash, radix: 16)
    let tag = String(repeating: "0", count: 8 - digits.count) + digits
    defaultBridge = "skiff\(tag)"
    table = "skiff_\(tag)"
  }
}
