import JSON

/// A compose application: the outcome of loading its files.
public struct Project: Sendable {
  public var name: String
  /// The directory that relative paths start from.
  public var workingDirectory: String
  /// The compose files, absolute, in the order they were laid over each other.
  public var files: [String]
  /// What variables were filled in from.
  public var environment: [String: String]
  public var services: [String: Service]
  /// Services that no active profile enables.
  public var disabled: [String: Service] = [:]
  public var networks: [String: JSONObject]
  public var volumes: [String: JSONObject]
  public var secrets: [String: JSONObject]
  public var configs: [String: JSONObject]
  public var models: [String: JSONObject]
  /// The top-level keys that begin with `x-`.
  public var extensions: JSONObject
  public var profiles: [String] = []

  /// The names of the enabled services, sorted.
  public var serviceNames: [String] { services.keys.sorted() }

  /// An enabled service; throws as docker compose where there is none.
  public func service(_ name: String) throws(ComposeError) -> Service {
    if let service = services[name] { return service }
    throw ComposeError("no such service: \(name)" + (disabled[name] == nil ? ": not found" : ": disabled"))
  }
}

/// One service in canonical form; the keys of `fields` are the compose specification's.
public struct Service: Sendable, Equatable {
  public let name: String
  public var fields: JSONObject

  public init(name: String, fields: JSONObject) {
    self.name = name
    self.fields = fields
  }

  public subscript(_ key: String) -> JSONValue? {
    get { fields[key] }
    set { fields[key] = newValue }
  }

  public func text(_ key: String) -> String? { fields[key]?.string }
  public func flag(_ key: String) -> Bool { fields[key]?.bool ?? false }
  public func integer(_ key: String) -> Int64 { fields[key]?.integer ?? 0 }
  public func list(_ key: String) -> [String] { (fields[key]?.array ?? []).compactMap(\.string) }
  public func parts(_ key: String) -> [JSONObject] { (fields[key]?.array ?? []).compactMap(\.object) }
  public func members(_ key: String) -> JSONObject { fields[key]?.object ?? [:] }

  public var image: String? { text("image") }
  public var build: JSONObject? { fields["build"]?.object }
  public var containerName: String? { text("container_name") }
  /// How many containers the service wants.
  public var scale: Int {
    Int(fields["scale"]?.integer ?? fields["deploy"]?["replicas"]?.integer ?? 1)
  }

  /// Sets how many containers the service wants.
  public mutating func setScale(_ scale: Int) {
    fields["scale"] = .integer(Int64(scale))
    if case .object(var deploy) = fields["deploy"] {
      deploy["replicas"] = .integer(Int64(scale))
      fields["deploy"] = .object(deploy)
    }
  }

  /// The services this one waits for.
  public var dependencies: [String: Dependency] {
    var result: [String: Dependency] = [:]
    for (name, value) in members("depends_on") { result[name] = Dependency(value) }
    return result
  }

  /// The networks this service joins, most important first.
  public var networksByPriority: [String] {
    members("networks").members.sorted { left, right in
      let (first, second) = (left.value["priority"]?.integer ?? 0, right.value["priority"]?.integer ?? 0)
      return first == second ? left.key < right.key : first > second
    }.map(\.key)
  }

  func hasProfile(_ profiles: [String]) -> Bool {
    let own = list("profiles")
    return own.isEmpty || profiles.contains("*") || own.contains(where: profiles.contains)
  }
}

/// What a service expects of another before it starts.
public struct Dependency: Sendable, Equatable {
  public enum Condition: String, Sendable {
    case started = "service_started"
    case healthy = "service_healthy"
    case completed = "service_completed_successfully"
  }

  public let condition: Condition
  /// Whether to restart along with the other.
  public let restart: Bool
  public let required: Bool

  init(_ value: JSONValue) {
    condition = Condition(rawValue: value["condition"]?.string ?? "") ?? .started
    restart = value["restart"]?.bool ?? false
    required = value["required"]?.bool ?? false
  }
}
