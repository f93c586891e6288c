import Credentials
import DockerClient
import Linux
import Synchronization

/// What one run of the program works with: the user's settings, and the engine. Nothing is read or asked before
/// a command needs it.
public final class Session: Sendable {
  /// What stands before the command on the command line.
  struct GlobalOptions: Sendable {
    var host: String?
    var context: String?
    var configDirectory: String?
    var debug = false
  }

  private struct State {
    var config: ClientConfig?
    var client: DockerClient?
  }

  let options: GlobalOptions
  private let state = Mutex(State())

  init(_ options: GlobalOptions = GlobalOptions()) { self.options = options }

  static var isRoot: Bool { Identity.effectiveUser == 0 }

  var configDirectory: String { options.configDirectory ?? ClientConfig.standardDirectory() }

  /// The user's settings.
  func config() throws -> ClientConfig {
    if let known = state.withLock({ $0.config }) { return known }
    let config = try ClientConfig.load(directory: configDirectory)
    state.withLock { $0.config = config }
    return config
  }

  /// The name of the context in use: `default` when an address was given.
  func contextName() throws -> String {
    if options.host != nil { return "default" }
    if let name = options.context { return name }
    if Self.environmentHost() != nil { return "default" }
    if let name = Environment.value("DOCKER_CONTEXT"), !name.isEmpty { return name }
    let current = try config().text("currentContext")
    return current.isEmpty ? "default" : current
  }

  private static func environmentHost() -> String? {
    for name in ["SKIFF_HOST", "DOCKER_HOST"] {
      if let host = Environment.value(name), !host.isEmpty { return host }
    }
    return nil
  }

  /// Where the engine is: -H, the context asked for, SKIFF_HOST, DOCKER_HOST, the current context, the usual socket.
  func host() throws -> DockerHost {
    if let host = options.host { return try DockerHost(host) }
    if options.context == nil, let host = Self.environmentHost() { return try DockerHost(host) }
    let name = try contextName()
    if name == "default" { return .standard }
    guard let context = ContextStore(configDirectory: configDirectory).find(name) else {
      throw CommandFailure("context \"\(name)\": context not found", status: 1)
    }
    return try DockerHost(context.host)
  }

  /// The engine. Where it is the usual one, does not run, and we may, it is started.
  func engine() async throws -> DockerClient {
    if let known = state.withLock({ $0.client }) { return known }
    let client = DockerClient(host: try host(), headers: try config().httpHeaders)
    do {
      try await client.ping()
    } catch let error as ConnectionError {
      guard client.host == .standard, Self.isRoot, case .absent = error.reason else { throw error }
      try await EngineStart.start(client, error)
    }
    state.withLock { $0.client = client }
    return client
  }
}
