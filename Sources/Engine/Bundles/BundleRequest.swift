import DockerAPI
import OCISpec

/// Everything that decides what a container's bundle says.
public struct BundleRequest: Sendable {
  /// A namespace of its own, the host's, or another one by path.
  public enum Sharing: Sendable, Equatable { case own, host, path(String) }

  /// A mount with its place on the host.
  public struct Place: Sendable, Equatable {
    public enum Kind: Sendable { case bind, tmpfs, overlay }
    public var kind: Kind
    public var source: String
    public var destination: String
    public var options: [String]
    public init(_ kind: Kind, source: String = "", destination: String, options: [String] = []) {
      self.kind = kind
      self.source = source
      self.destination = destination
      self.options = options
    }
  }

  public var id: String
  /// With the image's settings merged in.
  public var config: ContainerConfig
  public var host: HostConfig
  public var user: ResolvedUser
  public var hostname: String
  public var mounts: [Place]
  /// The program on the host that is the container's init, where it wants one.
  public var initProgram: String?
  public var network: Sharing
  public var ipc: Sharing
  public var pid: Sharing
  /// Below each hierarchy's mount point.
  public var cgroupsPath: String
  /// Device files, already looked up on the host.
  public var devices: [Bundle.Device]
  public var deviceRules: [Bundle.DeviceRule]
  /// Limits of block devices, by their numbers.
  public var blockIO: Bundle.BlockIO?
  /// What this machine can grant at all.
  public var availableCapabilities: Set<String>

  public init(
    id: String, config: ContainerConfig, host: HostConfig, user: ResolvedUser, hostname: String,
    mounts: [Place],
    network: Sharing, ipc: Sharing = .own, pid: Sharing = .own, cgroupsPath: String,
    devices: [Bundle.Device] = [],
    deviceRules: [Bundle.DeviceRule] = [], availableCapabilities: Set<String>
  ) {
    self.id = id
    self.config = config
    self.host = host
    self.user = user
    self.hostname = hostname
    self.mounts = mounts
    self.network = network
    self.ipc = ipc
    self.pid = pid
    self.cgroupsPath = cgroupsPath
    self.devices = devices
    self.deviceRules = deviceRules
    self.availableCapabilities = availableCapabilities
  }
}
