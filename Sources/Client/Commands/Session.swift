import Credentials
import DockerClient
import Linux
import Synchronization
import TerminalUI

/// What one run of the program works with: the user's settings, and the engine. Nothing is read or asked before
/// a command needs it.
public final class Session: Sendable {
  /// What stands before the command on the command line.
  struct GlobalOptions: Sendable {
    var host: String?
    var context: String?
    var configDirectory: String?
    var debug = false
    /// For TCP; nil without TLS.
    var tls: TLSMaterial?
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

  /// The user's settings. What is wrong with them is told the first time.
  func config() -> ClientConfig {
    if let known = state.withLock({ $0.config }) { return known }
    let config = ClientConfig.load(directory: configDirectory)
    if let complaint = config.complaint { StandardStream.error.line("WARNING: \(complaint)") }
    state.withLock { $0.config = config }
    return config
  }

  /// What X-Registry-Auth says to a registry; empty where nothing is known. A helper that fails keeps nobody from
  /// asking as a stranger.
  func registryAuth(for server: String) throws -> String {
    do {
      return try CredentialStore(config()).header(for: server)
    } catch let error as CredentialHelperError {
      StandardStream.error.line("WARNING: \(error)")
      return ""
    }
  }

  /// The name of the context in use: `default` when an address was given.
  func contextName() -> String {
    if options.host != nil { return "default" }
    if let name = options.context { return name }
    if Self.environmentHost() != nil { return "default" }
    if let name = Environment.value("DOCKER_CONTEXT"), !name.isEmpty { return name }
    let current = config().text("currentContext")
    return current.isEmpty ? "default" : current
  }

  static func environmentHost() -> String? {
    for name in ["SKIFF_HOST", "DOCKER_HOST"] {
      if let host = Environment.value(name), !host.isEmpty { return host }
    }
    return nil
  }

  /// Where the engine is: -H, the context asked for, SKIFF_HOST, DOCKER_HOST, the current context, the usual socket.
  func host() throws -> DockerHost { try endpoint().host }

  /// The same, with what TLS needs to get there.
  private func endpoint() throws -> (host: DockerHost, tls: TLSMaterial?) {
    let tls = options.tls
    if let host = options.host { return (try DockerHost(host, tls: tls != nil), tls) }
    if options.context == nil, let host = Self.environmentHost() {
      return (try DockerHost(host, tls: tls != nil), tls)
    }
    let name = contextName()
    if name == "default" { return (.standard, nil) }
    let store = ContextStore(configDirectory: configDirectory)
    guard let context = store.find(name) else {
      throw CommandFailure("context \"\(name)\": context not found", status: 1)
    }
    return try endpoint(context, store)
  }

  private func endpoint(
    _ context: EngineContext, _ store: ContextStore
  ) throws -> (host: DockerHost, tls: TLSMaterial?) {
    let paths = ContextStore.secretNames.map { store.secretPath($0, of: context.name) }
    guard context.skipsVerification || paths.contains(where: { $0 != nil }) else {
      return (try DockerHost(context.host), nil)
    }
    let tls = TLSMaterial(
      authorities: paths[0], certificate: paths[1], key: paths[2], verifies: !context.skipsVerification)
    return (try DockerHost(context.host, tls: true), tls)
  }

  /// The engine, whether it runs or not.
  func clientWithoutStart() throws -> DockerClient {
    let (host, tls) = try endpoint()
    return DockerClient(host: host, tls: tls, headers: config().httpHeaders)
  }

  /// The engine. Where it is the usual one, does not run, and we may, it is started.
  func engine() async throws -> DockerClient {
    if let known = state.withLock({ $0.client }) { return known }
    let client = try clientWithoutStart()
    _ = try await running(client) { try await client.ping() }
    state.withLock { $0.client = client }
    return client
  }

  /// What the first request to the engine answers. Where that finds nobody, the engine is started as `engine` does
  /// it, and asked once more.
  func running<Answer: Sendable>(
    _ client: DockerClient, _ request: @Sendable () async throws -> Answer
  ) async throws -> Answer {
    do {
      return try await request()
    } catch let error as ConnectionError {
      guard client.host == .standard, Self.isRoot, case .absent = error.reason else { throw error }
      try await EngineStart.start(client, error)
      return try await request()
    }
  }
}
