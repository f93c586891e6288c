/// A line of `GET /containers/json`; created in seconds since 1970.
public struct ContainerSummary: Codable, Sendable, Equatable {
  public var id: String = ""
  public var names: [String] = []
  public var image: String = ""
  public var imageID: String = ""
  public var command: String = ""
  public var created: Int64 = 0
  public var ports: [Port] = []
  public var sizeRw: Int64?
  public var sizeRootFs: Int64?
  public var labels: [String: String] = [:]
  public var state: String = ""
  public var status: String = ""
  public var hostConfig: SummaryHostConfig = SummaryHostConfig()
  public var networkSettings: SummaryNetworkSettings = SummaryNetworkSettings()
  public var mounts: [MountPoint] = []
  /// Skiff's own, for clients that ask for it by `notes=1`; nil otherwise.
  public var notes: [ContainerNote]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id
    case names
    case image
    case imageID = "ImageID"
    case command
    case created
    case ports
    case sizeRw
    case sizeRootFs
    case labels
    case state
    case status
    case hostConfig
    case networkSettings
    case mounts
    case notes
  }
}

/// What a user would want to know of a container first.
public struct ContainerNote: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    /// Why it ended.
    case end
    case unhealthy
    /// The kernel has killed a process of it, and it goes on.
    case memory
    /// Who connects to a published port is refused.
    case unreachable
    /// It cannot hear its stop signal.
    case deaf
  }
  public var kind: Kind
  public var text: String
  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

public struct Port: Codable, Sendable, Equatable {
  public var ip: String?
  public var privatePort: UInt16 = 0
  public var publicPort: UInt16?
  public var type: String = ""
  public init() {}

  enum CodingKeys: String, CodingKey {
    case ip = "IP"
    case privatePort
    case publicPort
    case type
  }
}

public struct SummaryHostConfig: Codable, Sendable, Equatable {
  public var networkMode: String = ""
  public var annotations: [String: String]?
  public init() {}
}

public struct SummaryNetworkSettings: Codable, Sendable, Equatable {
  public var networks: [String: EndpointSettings] = [:]
  public init() {}
}
