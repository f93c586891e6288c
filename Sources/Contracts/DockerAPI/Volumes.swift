import JSON

/// The body of `POST /volumes/create`; an empty name lets the engine pick.
public struct VolumeCreateRequest: Codable, Sendable, Equatable {
  public var name: String = ""
  public var driver: String = ""
  public var driverOpts: [String: String]?
  public var labels: [String: String]?
  public init() {}
}

public struct Volume: Codable, Sendable, Equatable {
  public var createdAt: String = ""
  public var driver: String = ""
  public var labels: [String: String]?
  public var mountpoint: String = ""
  public var name: String = ""
  public var options: [String: String]?
  public var scope: String = ""
  public var usageData: VolumeUsage?
  public init() {}
}

extension Volume: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool {
    ["labels", "options"].contains(key.stringValue)
  }
}

public struct VolumeUsage: Codable, Sendable, Equatable {
  public var size: Int64 = 0
  public var refCount: Int64 = 0
  public init() {}
}

extension VolumeList: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool { true }
}

public struct VolumeList: Codable, Sendable, Equatable {
  public var volumes: [Volume] = []
  public var warnings: [String]?
  public init() {}
}
