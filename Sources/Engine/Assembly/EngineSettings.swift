import DockerAPI
import Registry

/// Where one engine lives and what it gives by default.
public struct EngineSettings: Sendable {
  public var dataRoot: String
  public var execRoot: String
  /// The program `skiff-shim`.
  public var shimPath: String
  /// RUN steps trust what the host trusts, and use its proxy.
  public var hostTrust = true
  /// Name servers of containers that name none; empty means the host's.
  public var nameServers: [String] = []
  /// The log of containers that ask for none, and the options that those with this driver get.
  public var defaultLog = LogConfig()
  /// Of containers that say nothing else about the same limit.
  public var ulimits: [Ulimit] = []
  /// Of new networks; nil takes that of the way out of the host.
  public var mtu: UInt32?
  /// Where the subnets of new networks come from; empty means docker's pools.
  public var addressPools: [(base: String, size: Int)] = []
  /// The network `bridge` has IPv6 too, with this subnet; empty takes one of the pools.
  public var bridgeHasIPv6 = false
  public var bridgeSubnet6 = ""
  /// The soft limit of open files that containers start with; nil for this process's own.
  public var openFiles: UInt64?
  /// Registries asked before docker.io for its images, `https://host:port`.
  public var registryMirrors: [String] = []
  /// Hosts and networks whose registries need not speak TLS.
  public var insecureRegistries: [String] = []
  public var transfers = TransferLimits()

  /// The default engine has plain names; another one's carry a mark made of its roots, so that several live side by side.
  public init(dataRoot: String, execRoot: String, shimPath: String) {
    self.dataRoot = dataRoot
    self.execRoot = execRoot
    self.shimPath = shimPath
  }

  /// Empty for the default roots.
  public var mark: String {
    if dataRoot == Self.defaultDataRoot && execRoot == Self.defaultExecRoot { return "" }
    // FNV-1a: short, and the same in every run.
    let hash = "\(dataRoot)\u{0}\(execRoot)".utf8.reduce(UInt32(2_166_136_261)) {
      ($0 ^ UInt32($1)) &* 16_777_619
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Below each cgroup hierarchy's mount.
  public var cgroupParent: String { mark.isEmpty ? "/skiff" : "/skiff-\(mark)" }

  public static let defaultDataRoot = "/var/lib/skiff"
  public static let defaultExecRoot = "/run/skiff"
}
