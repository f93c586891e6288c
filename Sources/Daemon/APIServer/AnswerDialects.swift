import DockerAPI
import JSON

/// Changes to an answer's JSON that a version of the API asks for: keys that it has and others have not.
struct AnswerDialect: Sendable {
  private var changes: [(path: [String], value: JSONValue?)] = []

  /// Puts a value at a path such as `RegistryConfig.Mirrors`, whether something is there or not. What the path leads
  /// through must be there.
  mutating func set(_ path: String, _ value: JSONValue) { changes.append((Self.split(path), value)) }

  mutating func leaveOut(_ paths: String...) {
    for path in paths { changes.append((Self.split(path), nil)) }
  }

  private static func split(_ path: String) -> [String] { path.split(separator: ".").map(String.init) }

  func applied(to value: JSONValue) -> JSONValue {
    changes.reduce(value) { value, change in Self.change(value, change.path[...], to: change.value) }
  }

  private static func change(
    _ value: JSONValue, _ path: ArraySlice<String>, to new: JSONValue?
  ) -> JSONValue {
    guard case .object(var object) = value, let key = path.first else { return value }
    if path.count == 1 {
      object[key] = new
    } else if let inner = object[key] {
      object[key] = change(inner, path.dropFirst(), to: new)
    }
    return .object(object)
  }
}

extension Call {
  func answer<Value: Encodable>(_ value: Value, in dialect: AnswerDialect) async throws {
    // What was just written can be read.
    let written = try JSON.parse(JSON.encode(value, as: .docker))
    try await answer(dialect.applied(to: written), as: .plain)
  }
}

extension AnswerDialect {
  /// `GET /images/{name}/json`.
  static func image(_ inspect: ImageInspect, _ version: APIVersion) -> AnswerDialect {
    var dialect = AnswerDialect()
    if version < APIVersion(1, 44) {
      dialect.set("VirtualSize", .integer(inspect.size))
      if inspect.created.isEmpty { dialect.set("Created", .string("0001-01-01T00:00:00Z")) }
    } else if inspect.created.isEmpty {
      dialect.leaveOut("Created")
    }
    if version < APIVersion(1, 45) {
      dialect.set("Container", .string(""))
      dialect.set("ContainerConfig", emptyConfig)
    }
    if inspect.config.onBuild == nil { dialect.set("Config.OnBuild", .null) }
    if version >= APIVersion(1, 50) {
      // What never belonged to an image.
      for key in [
        "Hostname", "Domainname", "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin",
        "StdinOnce",
        "Image",
      ] { dialect.leaveOut("Config.\(key)") }
    }
    return dialect
  }

  /// No tool told here which container an image was made from.
  private static var emptyConfig: JSONValue {
    // As above.
    (try? JSON.parse(JSON.encode(ContainerConfig(), as: .docker))) ?? .null
  }

  /// `GET /info`.
  static func info(_ info: SystemInfo, _ version: APIVersion) -> AnswerDialect {
    var dialect = AnswerDialect()
    if version < APIVersion(1, 25) {
      dialect.set("ExecutionDriver", .string("<not supported>"))
      dialect.set("SecurityOptions", .array(info.securityOptions.map { .string(plainName($0)) }))
    }
    if version < APIVersion(1, 47) {
      dialect.set("RegistryConfig.AllowNondistributableArtifactsCIDRs", .array([]))
      dialect.set("RegistryConfig.AllowNondistributableArtifactsHostnames", .array([]))
    }
    if version < APIVersion(1, 49) {
      dialect.leaveOut("FirewallBackend")
      for (key, commit) in [
        ("ContainerdCommit", info.containerdCommit), ("RuncCommit", info.runcCommit),
        ("InitCommit", info.initCommit),
      ] { dialect.set("\(key).Expected", .string(commit.id)) }
    }
    if version < APIVersion(1, 50) {
      dialect.set("BridgeNfIptables", .bool(false))
      dialect.set("BridgeNfIp6tables", .bool(false))
    }
    return dialect
  }

  /// `seccomp` of `name=seccomp,profile=builtin`.
  private static func plainName(_ option: String) -> String {
    let words = option.split(separator: ",").first { $0.hasPrefix("name=") }
    return words.map { String($0.dropFirst("name=".count)) } ?? option
  }
}

extension ContainerSummary {
  /// Annotations came with API 1.46.
  func spoken(in version: APIVersion) -> Self {
    var summary = self
    if version < APIVersion(1, 46) { summary.hostConfig.annotations = nil }
    return summary
  }
}

extension ContainerInspect {
  /// Before API 1.45 the aliases of a network held the container's short id and its host name.
  func spoken(in version: APIVersion) -> Self {
    guard version < APIVersion(1, 45) else { return self }
    var inspect = self
    for (name, settings) in networkSettings.networks where !["bridge", "host", "none"].contains(name) {
      var aliases = settings.aliases ?? []
      for alias in [String(id.prefix(12)), config.hostname] where !aliases.contains(alias) {
        aliases.append(alias)
      }
      inspect.networkSettings.networks[name]?.aliases = aliases
    }
    return inspect
  }
}

extension ImageSummary {
  /// VirtualSize went with API 1.44, names that say that there is none with 1.43; the containers were counted for
  /// lists from 1.51 on.
  func spoken(in version: APIVersion, countsContainers: Bool = false) -> Self {
    var summary = self
    summary.virtualSize = version < APIVersion(1, 44) ? size : nil
    if version < APIVersion(1, 51), !countsContainers { summary.containers = -1 }
    if version < APIVersion(1, 43), repoTags.isEmpty, repoDigests.isEmpty {
      summary.repoTags = ["<none>:<none>"]
      summary.repoDigests = ["<none>@<none>"]
    }
    return summary
  }
}
