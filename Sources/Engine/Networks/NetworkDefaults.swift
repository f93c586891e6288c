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
