import JSON

/// A container's settings that do not depend on the host; part of create, inspect, commit and of image inspect.
public struct ContainerConfig: Codable, Sendable, Equatable {
  public var hostname: String = ""
  public var domainname: String = ""
  public var user: String = ""
  public var attachStdin: Bool = false
  public var attachStdout: Bool = false
  public var attachStderr: Bool = false
  public var exposedPorts: [String: EmptyObject]?
  public var tty: Bool = false
  public var openStdin: Bool = false
  public var stdinOnce: Bool = false
  public var env: [String]?
  public var cmd: StringList?
  public var healthcheck: HealthConfig?
  public var argsEscaped: Bool?
  public var image: String = ""
  public var volumes: [String: EmptyObject]?
  public var workingDir: String = ""
  public var entrypoint: StringList?
  public var networkDisabled: Bool?
  public var macAddress: String?
  public var onBuild: [String]?
  public var labels: [String: String]?
  public var stopSignal: String?
  public var stopTimeout: Int?
  public var shell: [String]?
  public init() {}
}

extension ContainerConfig: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool {
    ["env", "cmd", "volumes", "entrypoint", "labels"].contains(key.stringValue)
  }
}

/// `HEALTHCHECK`: durations in nanoseconds; `test` starts with NONE, CMD or CMD-SHELL; empty inherits.
public struct HealthConfig: Codable, Sendable, Equatable {
  public var test: [String]?
  public var interval: Int64?
  public var timeout: Int64?
  public var startPeriod: Int64?
  public var startInterval: Int64?
  public var retries: Int?
  public init() {}
}
