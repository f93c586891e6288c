import JSON

/// A container's settings that depend on the host.
public struct HostConfig: Codable, Sendable, Equatable {
  public var binds: [String]?
  public var containerIDFile: String = ""
  public var logConfig: LogConfig = LogConfig()
  public var networkMode: String = ""
  public var portBindings: PortMap?
  public var restartPolicy: RestartPolicy = RestartPolicy()
  public var autoRemove: Bool = false
  public var volumeDriver: String = ""
  public var volumesFrom: [String]?
  public var consoleSize: [UInt]?
  public var annotations: [String: String]?
  public var capAdd: [String]?
  public var capDrop: [String]?
  public var cgroupnsMode: String = ""
  public var dns: [String]?
  public var dnsOptions: [String]?
  public var dnsSearch: [String]?
  public var extraHosts: [String]?
  public var groupAdd: [String]?
  public var ipcMode: String = ""
  public var cgroup: String = ""
  public var links: [String]?
  public var oomScoreAdj: Int = 0
  public var pidMode: String = ""
  public var privileged: Bool = false
  public var publishAllPorts: Bool = false
  public var readonlyRootfs: Bool = false
  public var securityOpt: [String]?
  public var storageOpt: [String: String]?
  public var tmpfs: [String: String]?
  public var utsMode: String = ""
  public var usernsMode: String = ""
  public var shmSize: Int64 = 0
  public var sysctls: [String: String]?
  public var runtime: String?
  public var isolation: String = ""
  public var cpuShares: Int64 = 0
  public var memory: Int64 = 0
  public var nanoCpus: Int64 = 0
  public var cgroupParent: String = ""
  public var blkioWeight: UInt16 = 0
  public var blkioWeightDevice: [WeightDevice]?
  public var blkioDeviceReadBps: [ThrottleDevice]?
  public var blkioDeviceWriteBps: [ThrottleDevice]?
  public var blkioDeviceReadIOps: [ThrottleDevice]?
  public var blkioDeviceWriteIOps: [ThrottleDevice]?
  public var cpuPeriod: Int64 = 0
  public var cpuQuota: Int64 = 0
  public var cpuRealtimePeriod: Int64 = 0
  public var cpuRealtimeRuntime: Int64 = 0
  public var cpusetCpus: String = ""
  public var cpusetMems: String = ""
  public var devices: [DeviceMapping]?
  public var deviceCgroupRules: [String]?
  public var deviceRequests: [DeviceRequest]?
  public var memoryReservation: Int64 = 0
  public var memorySwap: Int64 = 0
  public var memorySwappiness: Int64?
  public var oomKillDisable: Bool?
  public var pidsLimit: Int64?
  public var ulimits: [Ulimit]?
  public var cpuCount: Int64 = 0
  public var cpuPercent: Int64 = 0
  /// Windows'; answers say 0.
  public var ioMaximumIOps: UInt64?
  public var ioMaximumBandwidth: UInt64?
  public var mounts: [Mount]?
  public var maskedPaths: [String]?
  public var readonlyPaths: [String]?
  public var initProcess: Bool?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case binds
    case containerIDFile = "ContainerIDFile"
    case logConfig
    case networkMode
    case portBindings
    case restartPolicy
    case autoRemove
    case volumeDriver
    case volumesFrom
    case consoleSize
    case annotations
    case capAdd
    case capDrop
    case cgroupnsMode
    case dns
    case dnsOptions
    case dnsSearch
    case extraHosts
    case groupAdd
    case ipcMode
    case cgroup
    case links
    case oomScoreAdj
    case pidMode
    case privileged
    case publishAllPorts
    case readonlyRootfs
    case securityOpt
    case storageOpt
    case tmpfs
    case utsMode = "UTSMode"
    case usernsMode
    case shmSize
    case sysctls
    case runtime
    case isolation
    case cpuShares
    case memory
    case nanoCpus
    case cgroupParent
    case blkioWeight
    case blkioWeightDevice
    case blkioDeviceReadBps
    case blkioDeviceWriteBps
    case blkioDeviceReadIOps
    case blkioDeviceWriteIOps
    case cpuPeriod
    case cpuQuota
    case cpuRealtimePeriod
    case cpuRealtimeRuntime
    case cpusetCpus
    case cpusetMems
    case devices
    case deviceCgroupRules
    case deviceRequests
    case memoryReservation
    case memorySwap
    case memorySwappiness
    case oomKillDisable
    case pidsLimit
    case ulimits
    case cpuCount
    case cpuPercent
    case ioMaximumIOps = "IOMaximumIOps"
    case ioMaximumBandwidth = "IOMaximumBandwidth"
    case mounts
    case maskedPaths
    case readonlyPaths
    case initProcess = "Init"
  }
}

extension HostConfig: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool {
    switch CodingKeys(stringValue: key.stringValue) {
    case .annotations, .storageOpt, .tmpfs, .sysctls, .runtime, .mounts, .initProcess, .consoleSize: false
    default: true
    }
  }
}

public struct LogConfig: Codable, Sendable, Equatable {
  public var type: String = ""
  public var config: [String: String]?
  public init() {}
}

public struct RestartPolicy: Codable, Sendable, Equatable {
  public var name: String = ""
  public var maximumRetryCount: Int = 0
  public init() {}
}

public struct WeightDevice: Codable, Sendable, Equatable {
  public var path: String = ""
  public var weight: UInt16 = 0
  public init() {}
}

public struct ThrottleDevice: Codable, Sendable, Equatable {
  public var path: String = ""
  public var rate: UInt64 = 0
  public init() {}
}

public struct DeviceMapping: Codable, Sendable, Equatable {
  public var pathOnHost: String = ""
  public var pathInContainer: String = ""
  public var cgroupPermissions: String = ""
  public init() {}
}

public struct DeviceRequest: Codable, Sendable, Equatable {
  public var driver: String = ""
  public var count: Int = 0
  public var deviceIDs: [String]?
  public var capabilities: [[String]]?
  public var options: [String: String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case driver
    case count
    case deviceIDs = "DeviceIDs"
    case capabilities
    case options
  }
}

public struct Ulimit: Codable, Sendable, Hashable {
  public var name: String = ""
  public var hard: Int64 = 0
  public var soft: Int64 = 0
  public init() {}
}

/// `--mount`: type is bind, volume, tmpfs, image, npipe or cluster.
public struct Mount: Codable, Sendable, Equatable {
  public var type: String = ""
  public var source: String?
  public var target: String = ""
  public var readOnly: Bool?
  public var consistency: String?
  public var bindOptions: BindOptions?
  public var volumeOptions: VolumeOptions?
  public var imageOptions: ImageOptions?
  public var tmpfsOptions: TmpfsOptions?
  public init() {}
}

public struct BindOptions: Codable, Sendable, Equatable {
  public var propagation: String?
  public var nonRecursive: Bool?
  public var createMountpoint: Bool?
  public var readOnlyNonRecursive: Bool?
  public var readOnlyForceRecursive: Bool?
  public init() {}
}

public struct VolumeOptions: Codable, Sendable, Equatable {
  public var noCopy: Bool?
  public var labels: [String: String]?
  public var subpath: String?
  public var driverConfig: VolumeDriver?
  public init() {}
}

public struct VolumeDriver: Codable, Sendable, Equatable {
  public var name: String?
  public var options: [String: String]?
  public init() {}
}

public struct ImageOptions: Codable, Sendable, Equatable {
  public var subpath: String?
  public init() {}
}

public struct TmpfsOptions: Codable, Sendable, Equatable {
  public var sizeBytes: Int64?
  public var mode: UInt32?
  /// Words of mount(8), each alone or with its value.
  public var options: [[String]]?
  public init() {}
}

/// One host address and port for a container's port; empty or "0" host port lets the engine pick.
public struct PortBinding: Codable, Sendable, Equatable {
  public var hostIP: String = ""
  public var hostPort: String = ""
  public init() {}

  enum CodingKeys: String, CodingKey {
    case hostIP = "HostIp"
    case hostPort
  }
}
