import Builder
import DockerAPI
import EngineErrors
import TextFormats

/// What a client of BuildKit's asks of the Dockerfile frontend, by the names of its attributes.
struct FrontendOptions: Sendable {
  private let values: [String: String]

  init(_ values: [String: String]) { self.values = values }

  subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// All that begin so, without their beginning.
  func all(_ prefix: String) -> [String: String] {
    var found: [String: String] = [:]
    for (name, value) in values where name.hasPrefix(prefix) {
      found[String(name.dropFirst(prefix.count))] = value
    }
    return found
  }

  var dockerfile: String { self["filename"] ?? "Dockerfile" }

  var place: ContextPlace {
    ContextPlace(
      dockerfile: dockerfile, remote: self["context"], directory: self["contextkey"],
      dockerfileDirectory: self["dockerfilekey"])
  }

  /// The builder's options. Throws for what cannot be done here, by its name.
  func buildOptions() throws(EngineError) -> BuildOptions {
    try refuse()
    var options = BuildOptions()
    options.dockerfile = dockerfile
    options.target = self["target"] ?? ""
    options.buildArguments = all("build-arg:").mapValues { $0 }
    options.labels = all("label:")
    // Empty means all stages.
    options.noCache = values["no-cache"] != nil
    options.pull = self["image-resolve-mode"] == "pull"
    options.platform = self["platform"] ?? ""
    if let mode = self["force-network-mode"] { options.networkMode = mode == "sandbox" ? "default" : mode }
    options.resources.extraHosts = try extraHosts()
    options.resources.sharedMemory = try number("shm-size")
    options.resources.cgroupParent = self["cgroup-parent"] ?? ""
    options.resources.ulimits = try ulimits()
    return options
  }

  private func refuse() throws(EngineError) {
    if let request = self["requestid"] {
      throw EngineError(.notImplemented, "unsupported request \(request): only builds are done here")
    }
    if let platform = self["platform"], platform.contains(",") {
      throw EngineError(
        .notImplemented, "several platforms in one build are not supported: build one after the other")
    }
  }

  /// Contexts besides the one: images, and directories that `files` brings. Throws for what is neither.
  func contexts(
    _ files: (_ directory: String) -> @Sendable (ContextReceiver) async throws -> Void
  ) throws(EngineError) -> [String: NamedContext] {
    var contexts: [String: NamedContext] = [:]
    for (name, value) in all("context:") {
      if value.hasPrefix("docker-image://") {
        contexts[name] = .image(String(value.dropFirst("docker-image://".count)))
      } else if value.hasPrefix("local:") {
        contexts[name] = .files(files(String(value.dropFirst("local:".count))))
      } else {
        throw EngineError(
          .notImplemented,
          "the build context \"\(name)\" is \(value): only directories and images can be used")
      }
    }
    return contexts
  }

  private func number(_ name: String) throws(EngineError) -> Int64 {
    guard let text = self[name] else { return 0 }
    guard let value = Int64(text), value >= 0 else {
      throw EngineError(.invalidArgument, "invalid \(name): \(text)")
    }
    return value
  }

  /// `name=soft:hard`, separated by commas.
  private func ulimits() throws(EngineError) -> [Ulimit] {
    let texts = (self["ulimit"] ?? "").split(separator: ",").map(String.init)
    do throws(InvalidUlimit) { return try Ulimit.all(texts) } catch {
      throw EngineError(.invalidArgument, error.description)
    }
  }

  /// `name=address`, separated by commas.
  private func extraHosts() throws(EngineError) -> [String] {
    guard let text = self["add-hosts"] else { return [] }
    var hosts: [String] = []
    for pair in text.split(separator: ",") {
      guard let sign = pair.firstIndex(of: "=") else {
        throw EngineError(.invalidArgument, "invalid add-hosts: \(pair)")
      }
      hosts.append("\(pair[..<sign]):\(pair[pair.index(after: sign)...])")
    }
    return hosts
  }
}
