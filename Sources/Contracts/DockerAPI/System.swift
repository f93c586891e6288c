/// The answer of `GET /version`.
public struct VersionInfo: Codable, Sendable, Equatable {
  public var platform: PlatformName = PlatformName()
  public var components: [ComponentVersion] = []
  public var version: String = ""
  public var apiVersion: String = ""
  public var minAPIVersion: String = ""
  public var gitCommit: String = ""
  public var goVersion: String = ""
  public var os: String = ""
  public var arch: String = ""
  public var kernelVersion: String = ""
  public var buildTime: String = ""
  public init() {}
}

public struct PlatformName: Codable, Sendable, Equatable {
  /// What Skiff's own engine calls itself: it understands what Docker's API has not.
  public static let skiff = "Skiff Engine"
  public var name: String = ""
  public init() {}
}

public struct ComponentVersion: Codable, Sendable, Equatable {
  public var name: String = ""
  public var version: String = ""
  public var details: [String: String] = [:]
  public init() {}
}

/// The answer of `GET /info`.
public struct SystemInfo: Codable, Sendable, Equatable {
  public var id: String = ""
  public var containers: Int = 0
  public var containersRunning: Int = 0
  public var containersPaused: Int = 0
  public var containersStopped: Int = 0
  public var images: Int = 0
  public var driver: String = ""
  public var driverStatus: [[String]] = []
  public var plugins: PluginsInfo = PluginsInfo()
  public var memoryLimit: Bool = false
  public var swapLimit: Bool = false
  public var cpuCfsPeriod: Bool = false
  public var cpuCfsQuota: Bool = false
  public var cpuShares: Bool = false
  public var cpuSet: Bool = false
  public var pidsLimit: Bool = false
  public var ipv4Forwarding: Bool = false
  public var debug: Bool = false
  public var nFd: Int = 0
  public var oomKillDisable: Bool = false
  public var nGoroutines: Int = 0
  public var systemTime: String = ""
  public var loggingDriver: String = ""
  public var cgroupDriver: String = ""
  public var cgroupVersion: String = ""
  public var nEventsListener: Int = 0
  public var kernelVersion: String = ""
  public var operatingSystem: String = ""
  public var osVersion: String = ""
  public var osType: String = ""
  public var architecture: String = ""
  public var indexServerAddress: String = ""
  public var registryConfig: RegistryInfo = RegistryInfo()
  public var ncpu: Int = 0
  public var memTotal: Int64 = 0
  public var dockerRootDir: String = ""
  public var httpProxy: String = ""
  public var httpsProxy: String = ""
  public var noProxy: String = ""
  public var name: String = ""
  public var labels: [String] = []
  public var experimentalBuild: Bool = false
  public var serverVersion: String = ""
  public var runtimes: [String: RuntimeInfo] = [:]
  public var defaultRuntime: String = ""
  public var swarm: SwarmInfo = SwarmInfo()
  public var liveRestoreEnabled: Bool = false
  public var isolation: String = ""
  public var initBinary: String = ""
  public var containerdCommit: CommitInfo = CommitInfo()
  public var runcCommit: CommitInfo = CommitInfo()
  public var initCommit: CommitInfo = CommitInfo()
  public var securityOptions: [String] = []
  public var warnings: [String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case containers
    case containersRunning
    case containersPaused
    case containersStopped
    case images
    case driver
    case driverStatus
    case plugins
    case memoryLimit
    case swapLimit
    case cpuCfsPeriod
    case cpuCfsQuota
    case cpuShares = "CPUShares"
    case cpuSet = "CPUSet"
    case pidsLimit
    case ipv4Forwarding = "IPv4Forwarding"
    case debug
    case nFd
    case oomKillDisable
    case nGoroutines
    case systemTime
    case loggingDriver
    case cgroupDriver
    case cgroupVersion
    case nEventsListener
    case kernelVersion
    case operatingSystem
    case osVersion = "OSVersion"
    case osType = "OSType"
    case architecture
    case indexServerAddress
    case registryConfig
    case ncpu = "NCPU"
    case memTotal
    case dockerRootDir
    case httpProxy
    case httpsProxy
    case noProxy
    case name
    case labels
    case experimentalBuild
    case serverVersion
    case runtimes
    case defaultRuntime
    case swarm
    case liveRestoreEnabled
    case isolation
    case initBinary
    case containerdCommit
    case runcCommit
    case initCommit
    case securityOptions
    case warnings
  }
}

public struct PluginsInfo: Codable, Sendable, Equatable {
  public var volume: [String] = []
  public var network: [String] = []
  public var authorization: [String]?
  public var log: [String] = []
  public init() {}
}

public struct RuntimeInfo: Codable, Sendable, Equatable {
  public var path: String = ""
  public init() {}
}

public struct SwarmInfo: Codable, Sendable, Equatable {
  public var nodeID: String = ""
  public var nodeAddr: String = ""
  public var localNodeState: String = ""
  public var controlAvailable: Bool = false
  public var error: String = ""
  public var remoteManagers: [String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case nodeID = "NodeID"
    case nodeAddr
    case localNodeState
    case controlAvailable
    case error
    case remoteManagers
  }
}

public struct CommitInfo: Codable, Sendable, Equatable {
  public var id: String = ""
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id = "ID"
  }
}

public struct RegistryInfo: Codable, Sendable, Equatable {
  public var insecureRegistryCIDRs: [String] = []
  public var mirrors: [String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case insecureRegistryCIDRs = "InsecureRegistryCIDRs"
    case mirrors
  }
}

/// The answer of `GET /system/df`.
public struct DiskUsage: Codable, Sendable, Equatable {
  public var layersSize: Int64 = 0
  public var images: [ImageSummary] = []
  public var containers: [ContainerSummary] = []
  public var volumes: [Volume] = []
  public var buildCache: [BuildCacheRecord] = []
  public init() {}
}

public struct BuildCacheRecord: Codable, Sendable, Equatable {
  public var id: String = ""
  public var parents: [String]?
  public var type: String = ""
  public var description: String = ""
  public var inUse: Bool = false
  public var shared: Bool = false
  public var size: Int64 = 0
  public var createdAt: String = ""
  public var lastUsedAt: String = ""
  public var usageCount: Int = 0
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case parents
    case type
    case description
    case inUse
    case shared
    case size
    case createdAt
    case lastUsedAt
    case usageCount
  }
}
