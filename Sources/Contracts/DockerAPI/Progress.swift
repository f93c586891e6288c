import JSON

/// A line of the JSON streams of build, pull, push, load and import, in the plain JSON dialect.
public struct ProgressMessage: Codable, Sendable, Equatable {
  public var stream: String?
  public var status: String?
  public var id: String?
  public var progress: String?
  public var progressDetail: ProgressDetail?
  public var error: String?
  public var errorDetail: ErrorDetail?
  public var aux: JSONValue?
  public init() {}

  /// Whether it says that the layer `id` of an image that is pulled is here.
  public var isLayerDone: Bool { status == "Pull complete" || status == "Already exists" }
}

public struct ProgressDetail: Codable, Sendable, Equatable {
  public var current: Int64?
  public var total: Int64?
  public init() {}
}

public struct ErrorDetail: Codable, Sendable, Equatable {
  public var code: Int?
  public var message: String = ""
  public init() {}
}
