public struct NetworkingConfig: Codable, Sendable, Equatable {
  public var endpointsConfig: [String: EndpointSettings]?
  public init() {}
}

public struct ContainerCreateResponse: Codable, Sendable, Equatable {
  public var id: String = ""
  public var warnings: [String] = []
  public init() {}
}

/// The answer of `POST /containers/{id}/wait`.
public struct ContainerWaitResponse: Codable, Sendable, Equatable {
  public var statusCode: Int64 = 0
  public var error: WaitError?
  /// Skiff's own: why it ended, where the code does not say it.
  public var explanation: String?
  public init() {}
}

public struct WaitError: Codable, Sendable, Equatable {
  public var message: String = ""
  public init() {}
}

public struct ContainerUpdateResponse: Codable, Sendable, Equatable {
  public var warnings: [String] = []
  public init() {}
}

/// The answer of `GET /containers/{id}/top`.
public struct ContainerTop: Codable, Sendable, Equatable {
  public var titles: [String] = []
  public var processes: [[String]] = []
  public init() {}
}

/// One line of `docker diff`: kind 0 modified, 1 added, 2 deleted.
public struct FilesystemChange: Codable, Sendable, Equatable {
  public var path: String = ""
  public var kind: Int = 0
  public init() {}
}

public struct PruneReport: Codable, Sendable, Equatable {
  public var containersDeleted: [String]?
  public var imagesDeleted: [ImageDeleteItem]?
  public var volumesDeleted: [String]?
  public var networksDeleted: [String]?
  public var cachesDeleted: [String]?
  public var spaceReclaimed: Int64 = 0
  public init() {}
}

public struct IDResponse: Codable, Sendable, Equatable {
  public var id: String = ""
  public init() {}
}
