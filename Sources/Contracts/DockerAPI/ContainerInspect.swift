import JSON

/// The answer of `GET /containers/{id}/json`.
public struct ContainerInspect: Codable, Sendable, Equatable {
  public var id: String = ""
  public var created: String = ""
  public var path: String = ""
  public var args: [String] = []
  public var state: ContainerState = ContainerState()
  public var image: String = ""
  public var resolvConfPath: String = ""
  public var hostnamePath: String = ""
  public var hostsPath: String = ""
  public var logPath: String = ""
  public var name: String = ""
  public var restartCount: Int = 0
  public var driver: String = ""
  public var platform: String = ""
  public var mountLabel: String = ""
  public var processLabel: String = ""
  public var appArmorProfile: String = ""
  public var execIDs: [String]?
  public var hostConfig: HostConfig = HostConfig()
  public var graphDriver: GraphDriver = GraphDriver()
  public var sizeRw: Int64?
  public var sizeRootFs: Int64?
  public var mounts: [MountPoint] = []
  public var config: ContainerConfig = ContainerConfig()
  public var networkSettings: NetworkSettings = NetworkSettings()
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id
    case created
    case path
    case args
    case state
    case image
    case resolvConfPath
    case hostnamePath
    case hostsPath
    case logPath
    case name
    case restartCount
    case driver
    case platform
    case mountLabel
    case processLabel
    case appArmorProfile
    case execIDs = "ExecIDs"
    case hostConfig
    case graphDriver
    case sizeRw
    case sizeRootFs
    case mounts
    case config
    case networkSettings
  }
}

extension ContainerInspect: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool {
    key.stringValue == CodingKeys.execIDs.stringValue
  }
}

/// status is created, running, paused, restarting, removing, exited or dead; times are RFC 3339 with nanoseconds.
public struct ContainerState: Codable, Sendable, Equatable {
  public var status: String = ""
  public var running: Bool = false
  public var paused: Bool = false
  public var restarting: Bool = false
  public var oomKilled: Bool = false
  public var dead: Bool = false
  public var pid: Int = 0
  public var exitCode: Int = 0
  public var error: String = ""
  public var startedAt: String = ""
  public var finishedAt: String = ""
  public var health: Health?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case status
    case running
    case paused
    case restarting
    case oomKilled = "OOMKilled"
    case dead
    case pid
    case exitCode
    case error
    case startedAt
    case finishedAt
    case health
  }
}

public struct Health: Codable, Sendable, Equatable {
  public var status: String = ""
  public var failingStreak: Int = 0
  public var log: [HealthcheckResult] = []
  public init() {}
}

public struct HealthcheckResult: Codable, Sendable, Equatable {
  public var start: String = ""
  public var end: String = ""
  public var exitCode: Int = 0
  public var output: String = ""
  public init() {}
}

public struct GraphDriver: Codable, Sendable, Equatable {
  public var name: String = ""
  public var data: [String: String]?
  public init() {}
}

public struct MountPoint: Codable, Sendable, Equatable {
  public var type: String = ""
  public var name: String?
  public var source: String = ""
  public var destination: String = ""
  public var driver: String?
  public var mode: String = ""
  public var rw: Bool = false
  public var propagation: String = ""
  public init() {}

  enum CodingKeys: String, CodingKey {
    case type
    case name
    case source
    case destination
    case driver
    case mode
    case rw = "RW"
    case propagation
  }
}

extension NetworkSettings: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool { true }
}

public struct NetworkSettings: Codable, Sendable, Equatable {
  public var bridge: String = ""
  public var sandboxID: String = ""
  public var sandboxKey: String = ""
  public var ports: PortMap = [:]
  public var hairpinMode: Bool = false
  public var linkLocalIPv6Address: String = ""
  public var linkLocalIPv6PrefixLen: Int = 0
  public var endpointID: String = ""
  public var gateway: String = ""
  public var globalIPv6Address: String = ""
  public var globalIPv6PrefixLen: Int = 0
  public var ipAddress: String = ""
  public var ipPrefixLen: Int = 0
  public var ipv6Gateway: String = ""
  public var macAddress: String = ""
  /// Always nil, as in docker's engine; its clients expect the keys.
  public var secondaryIPAddresses: [String]?
  public var secondaryIPv6Addresses: [String]?
  public var networks: [String: EndpointSettings] = [:]
  public init() {}

  enum CodingKeys: String, CodingKey {
    case bridge
    case sandboxID = "SandboxID"
    case sandboxKey
    case ports
    case hairpinMode
    case linkLocalIPv6Address
    case linkLocalIPv6PrefixLen
    case endpointID = "EndpointID"
    case gateway
    case globalIPv6Address
    case globalIPv6PrefixLen
    case ipAddress = "IPAddress"
    case ipPrefixLen = "IPPrefixLen"
    case ipv6Gateway = "IPv6Gateway"
    case macAddress
    case secondaryIPAddresses
    case secondaryIPv6Addresses
    case networks
  }
}
