import JSON

/// A line of `GET /images/json`.
public struct ImageSummary: Codable, Sendable, Equatable {
  public var id: String = ""
  public var parentID: String = ""
  public var repoTags: [String] = []
  public var repoDigests: [String] = []
  public var created: Int64 = 0
  public var size: Int64 = 0
  public var sharedSize: Int64 = 0
  public var virtualSize: Int64?
  public var labels: [String: String] = [:]
  public var containers: Int64 = 0
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id
    case parentID = "ParentId"
    case repoTags
    case repoDigests
    case created
    case size
    case sharedSize
    case virtualSize
    case labels
    case containers
  }
}

/// The answer of `GET /images/{name}/json`.
public struct ImageInspect: Codable, Sendable, Equatable {
  public var id: String = ""
  public var repoTags: [String] = []
  public var repoDigests: [String] = []
  public var parent: String = ""
  public var comment: String = ""
  public var created: String = ""
  public var dockerVersion: String = ""
  public var author: String = ""
  public var config: ContainerConfig = ContainerConfig()
  public var architecture: String = ""
  public var variant: String?
  public var os: String = ""
  public var size: Int64 = 0
  public var virtualSize: Int64?
  public var graphDriver: GraphDriver = GraphDriver()
  public var rootFS: ImageRootFS = ImageRootFS()
  public var metadata: ImageMetadata = ImageMetadata()
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id
    case repoTags
    case repoDigests
    case parent
    case comment
    case created
    case dockerVersion
    case author
    case config
    case architecture
    case variant
    case os
    case size
    case virtualSize
    case graphDriver
    case rootFS = "RootFS"
    case metadata
  }
}

public struct ImageRootFS: Codable, Sendable, Equatable {
  public var type: String = ""
  public var layers: [String] = []
  public init() {}
}

public struct ImageMetadata: Codable, Sendable, Equatable {
  public var lastTagTime: String = ""
  public init() {}
}

/// A line of `GET /images/{name}/history`.
public struct ImageHistoryItem: Codable, Sendable, Equatable {
  public var id: String = ""
  public var created: Int64 = 0
  public var createdBy: String = ""
  public var tags: [String]?
  public var size: Int64 = 0
  public var comment: String = ""
  public init() {}
}

extension ImageHistoryItem: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool { true }
}

public struct ImageDeleteItem: Codable, Sendable, Equatable {
  public var untagged: String?
  public var deleted: String?
  public init() {}
}
