import Cgroups
import DockerAPI
import Events
import Images
import Networks
import Records
import Snapshots
import Supervision
import Volumes

/// What the containers of one engine work with.
public struct ContainerServices: Sendable {
  public let images: Images
  public let snapshots: Snapshots
  public let networks: Networks
  public let volumes: Volumes
  public let supervisor: Supervisor
  public let events: Events
  public let database: Database
  public let settings: ContainerSettings

  public init(
    images: Images, snapshots: Snapshots, networks: Networks, volumes: Volumes, supervisor: Supervisor,
    events: Events,
    database: Database, settings: ContainerSettings
  ) {
    self.images = images
    self.snapshots = snapshots
    self.networks = networks
    self.volumes = volumes
    self.supervisor = supervisor
    self.events = events
    self.database = database
    self.settings = settings
  }
}

/// Where containers live and what they get by default.
public struct ContainerSettings: Sendable {
  public var dataRoot: String
  public var execRoot: String
  /// Below which cgroup the containers' own stand; distinct for engines with different roots.
  public var cgroupParent: String

  public var cgroups: CgroupLayout
  /// Which limits `cgroups` can keep.
  public let features: CgroupFeatures
  /// What containers with `--init` run as their first process.
  public var initProgram: String?
  /// Name servers of containers that name none; empty means the host's.
  public var nameServers: [String] = []
  /// The log of containers that ask for none, and the options that those with this driver get.
  public var defaultLog = LogConfig()
  /// Of containers that say nothing else about the same limit.
  public var ulimits: [Ulimit] = []

  public init(dataRoot: String, execRoot: String, cgroupParent: String, cgroups: CgroupLayout) {
    self.dataRoot = dataRoot
    self.execRoot = execRoot
    self.cgroupParent = cgroupParent
    self.cgroups = cgroups
    features = CgroupFeatures(cgroups)
  }

  func directory(of id: String) -> String { "\(dataRoot)/containers/\(id)" }
}
