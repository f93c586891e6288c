/// What a container gets from its image unless told otherwise: the `config` object of an image config.
/// What is nil is not written.
public struct ImageDefaults: Codable, Hashable, Sendable {
  public var hostname: String?
  public var domainname: String?
  public var user: String?
  /// `80/tcp`
  public var exposedPorts: NameSet?
  /// `NAME=value`, in order.
  public var env: [String]?
  public var entrypoint: [String]?
  public var cmd: [String]?
  /// Whether `cmd` is one Windows command line; carried along, never used here.
  public var argsEscaped: Bool?
  public var healthcheck: ImageHealthcheck?
  /// Absolute paths in the container.
  public var volumes: NameSet?
  public var workingDir: String?
  public var onBuild: [String]?
  public var labels: [String: String]?
  public var stopSignal: String?
  /// Seconds.
  public var stopTimeout: Int?
  public var shell: [String]?

  enum CodingKeys: String, CodingKey {
    case hostname = "Hostname"
    case domainname = "Domainname"
    case user = "User"
    case exposedPorts = "ExposedPorts"
    case env = "Env"
    case entrypoint = "Entrypoint"
    case cmd = "Cmd"
    case argsEscaped = "ArgsEscaped"
    case healthcheck = "Healthcheck"
    case volumes = "Volumes"
    case workingDir = "WorkingDir"
    case onBuild = "OnBuild"
    case labels = "Labels"
    case stopSignal = "StopSignal"
    case stopTimeout = "StopTimeout"
    case shell = "Shell"
  }

  public init() {}
}

/// How Docker asks a container of the image whether it is well. Durations are nanoseconds; absent means
/// inherited.
public struct ImageHealthcheck: Codable, Hashable, Sendable {
  /// `["CMD", …]`, `["CMD-SHELL", line]`, `["NONE"]`, or nothing: inherited.
  public var test: [String]?
  public var interval: Int64?
  public var timeout: Int64?
  public var startPeriod: Int64?
  public var startInterval: Int64?
  public var retries: Int?

  enum CodingKeys: String, CodingKey {
    case test = "Test"
    case interval = "Interval"
    case timeout = "Timeout"
    case startPeriod = "StartPeriod"
    case startInterval = "StartInterval"
    case retries = "Retries"
  }

  public init() {}
}

/// Names that JSON writes as the keys of an object of empty objects: `{"80/tcp":{}}`.
public struct NameSet: Codable, Hashable, Sendable, ExpressibleByArrayLiteral {
  /// Sorted, each once.
  public private(set) var names: [String]

  private struct Empty: Codable {}

  public init(_ names: some Sequence<String>) { self.names = Set(names).sorted() }
  public init(arrayLiteral elements: String...) { self.init(elements) }

  public init(from decoder: any Decoder) throws {
    names = try decoder.singleValueContainer().decode([String: Empty].self).keys.sorted()
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Dictionary(uniqueKeysWithValues: names.map { ($0, Empty()) }))
  }

  public mutating func insert(_ name: String) { self = NameSet(names + [name]) }
  public var isEmpty: Bool { names.isEmpty }
}
