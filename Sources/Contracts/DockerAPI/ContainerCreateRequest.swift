/// The body of `POST /containers/create`: ContainerConfig's keys, with HostConfig and NetworkingConfig beside them.
public struct ContainerCreateRequest: Codable, Sendable, Equatable {
  public var config = ContainerConfig()
  public var hostConfig = HostConfig()
  public var networkingConfig = NetworkingConfig()

  public init() {}

  enum CodingKeys: String, CodingKey { case hostConfig, networkingConfig }

  public init(from decoder: any Decoder) throws {
    config = try ContainerConfig(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    hostConfig = try container.decode(HostConfig.self, forKey: .hostConfig)
    networkingConfig = try container.decode(NetworkingConfig.self, forKey: .networkingConfig)
  }

  public func encode(to encoder: any Encoder) throws {
    try config.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(hostConfig, forKey: .hostConfig)
    try container.encode(networkingConfig, forKey: .networkingConfig)
  }
}

/// The body of `POST /containers/{id}/update`: the resource limits and the restart policy of HostConfig.
public typealias ContainerUpdateRequest = HostConfig
