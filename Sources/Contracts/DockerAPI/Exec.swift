import JSON

/// The body of `POST /containers/{id}/exec`.
public struct ExecCreateRequest: Codable, Sendable, Equatable {
  public var user: String = ""
  public var privileged: Bool = false
  public var tty: Bool = false
  public var consoleSize: [UInt]?
  public var attachStdin: Bool = false
  public var attachStderr: Bool = false
  public var attachStdout: Bool = false
  public var detachKeys: String = ""
  public var env: [String]?
  public var workingDir: String = ""
  public var cmd: StringList?
  public init() {}
}

public struct ExecStartRequest: Codable, Sendable, Equatable {
  public var detach: Bool = false
  public var tty: Bool = false
  public var consoleSize: [UInt]?
  public init() {}
}

/// Clients read the exit code of one that still runs, too: it is null.
extension ExecInspect: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool {
    key.stringValue == CodingKeys.exitCode.stringValue
  }
}

/// The answer of `GET /exec/{id}/json`.
public struct ExecInspect: Codable, Sendable, Equatable {
  public var id: String = ""
  public var running: Bool = false
  public var exitCode: Int?
  public var processConfig: ExecProcessConfig = ExecProcessConfig()
  public var openStdin: Bool = false
  public var openStderr: Bool = false
  public var openStdout: Bool = false
  public var canRemove: Bool = false
  public var containerID: String = ""
  public var detachKeys: String = ""
  public var pid: Int = 0
  public init() {}

  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case running
    case exitCode
    case processConfig
    case openStdin
    case openStderr
    case openStdout
    case canRemove
    case containerID = "ContainerID"
    case detachKeys
    case pid
  }
}

// By hand what `Codable` would write: `exec` is over in a few milliseconds, see `JSONReadable`.

extension ExecCreateRequest {
  public var json: JSONValue {
    var members: JSONObject = [
      "User": .string(user), "Privileged": .bool(privileged), "Tty": .bool(tty),
    ]
    members["ConsoleSize"] = consoleSize.map(JSONValue.numbers)
    members["AttachStdin"] = .bool(attachStdin)
    members["AttachStderr"] = .bool(attachStderr)
    members["AttachStdout"] = .bool(attachStdout)
    members["DetachKeys"] = .string(detachKeys)
    members["Env"] = env.map(JSONValue.texts)
    members["WorkingDir"] = .string(workingDir)
    members["Cmd"] = (cmd?.words).map(JSONValue.texts)
    return .object(members)
  }
}

extension ExecStartRequest {
  public var json: JSONValue {
    var members: JSONObject = ["Detach": .bool(detach), "Tty": .bool(tty)]
    members["ConsoleSize"] = consoleSize.map(JSONValue.numbers)
    return .object(members)
  }
}

extension JSONValue {
  fileprivate static func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
  fileprivate static func numbers(_ numbers: [UInt]) -> JSONValue {
    .array(numbers.map { .integer(Int64(clamping: $0)) })
  }
}

/// What an exec runs, inside ExecInspect.
public struct ExecProcessConfig: Codable, Sendable, Equatable {
  public var tty: Bool = false
  public var entrypoint: String = ""
  public var arguments: [String] = []
  public var privileged: Bool = false
  public var user: String?
  public init() {}

  /// The keys are lower case also in docker's dialect: a dictionary's stay as they are.
  public func encode(to encoder: any Encoder) throws {
    var members: [String: JSONValue] = [
      "tty": .bool(tty), "entrypoint": .string(entrypoint),
      "arguments": .array(arguments.map { .string($0) }),
      "privileged": .bool(privileged),
    ]
    members["user"] = user.map { .string($0) }
    var container = encoder.singleValueContainer()
    try container.encode(members)
  }
}
