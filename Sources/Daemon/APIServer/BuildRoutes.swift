import Archive
import Assembly
import BuildKit
import Builder
import DockerAPI
import EngineErrors
import Filtering
import HTTP
import Images
import JSON
import OCISpec
import Reactor
import Snapshots

func buildRoutes(_ engine: Engine, _ server: BuildKitServer) -> [Route] {
  [
    Route("POST", "/build") { call in
      if call.text("version") == "2" { return try await call.tracedBuild(server) }
      let options = try call.buildOptions()
      let progress = ProgressStream(call)
      // A client that goes takes its build along.
      try await call.exchange.whileConnected {
        try await progress.runBuild {
          // That the client has gone is noticed elsewhere.
          let tell: @Sendable (ProgressMessage) async -> Void = { try? await progress.send($0) }
          _ = try await PipedSource.with(call.request.body) { source in
            var options = options
            options.agents = try call.buildAgents()
            options.secrets = try await call.buildSecrets(from: source)
            guard let remote = call.text("remote") else {
              return try await engine.builder.build(options, context: source, progress: tell)
            }
            return try await engine.builder.build(options, remote: remote, progress: tell)
          }
        }
      }
    },
    Route("POST", "/build/agent") { call in
      let (token, id) = (call.text("token") ?? "", call.text("id") ?? "")
      guard await engine.builder.agents.expects(id, token: token) else {
        throw EngineError(.notFound, "no build waits for this ssh agent")
      }
      await engine.builder.agents.lend(try await call.hijack(.raw), to: id, token: token)
    },
    Route("POST", "/build/prune", since: APIVersion(1, 31)) { call in
      let pruned = try await engine.pruneBuildCache(try call.cachePrune())
      var report = PruneReport()
      report.cachesDeleted = pruned.entries.map(\.id)
      report.spaceReclaimed = pruned.bytes
      try await call.answer(report)
    },
    Route("POST", "/build/cancel") { call in
      guard let id = call.text("id") else { throw EngineError(.invalidArgument, "build ID not provided") }
      server.cancel(id)
      try await call.answer(status: 200)
    },
  ]
}

extension Call {
  /// The query of a build in the builder's terms.
  func buildOptions() throws(EngineError) -> BuildOptions {
    try refuseBuildsOfOtherKinds()
    var options = BuildOptions()
    if let dockerfile = text("dockerfile") { options.dockerfile = dockerfile }
    options.tags = request.parameters("t").filter { !$0.isEmpty }
    options.target = text("target") ?? ""
    options.buildArguments = try json("buildargs", [String: String?].self, as: "build args") ?? [:]
    options.labels = try json("labels", [String: String].self, as: "labels") ?? [:]
    options.cacheFrom = try json("cachefrom", [String].self, as: "cache-from") ?? []
    options.noCache = flag("nocache")
    options.pull = flag("pull")
    options.quiet = flag("q")
    options.platform = try platform(since: APIVersion(1, 32)).map { _ in text("platform") ?? "" } ?? ""
    options.tellsIDs = version >= APIVersion(1, 30)
    if let network = text("networkmode") { options.networkMode = network }
    options.resources = try buildResources()
    if let known = try registryConfig() { options.credentials = { Self.credentials(for: $0, in: known) } }
    return options
  }

  /// Docker Hub has another name in the clients' files than in its images' names.
  private static func credentials(for host: String, in known: [String: RegistryAuth]) -> RegistryAuth? {
    known[host == "docker.io" ? "https://index.docker.io/v1/" : host] ?? known["https://\(host)"]
  }

  private func refuseBuildsOfOtherKinds() throws(EngineError) {
    switch text("version") {
    case nil, "1", "2": break
    case let other?: throw EngineError(.invalidArgument, "invalid version \"\(other)\"")
    }
    guard request.parameter("securityopt") == nil else {
      throw EngineError(.invalidArgument, "security options are not supported on linux")
    }
    guard !flag("squash") else {
      throw EngineError(.invalidArgument, "squash is only supported with experimental mode")
    }
    if let isolation = text("isolation"), isolation.lowercased() != "default" {
      throw EngineError(.invalidArgument, "unsupported isolation: \"\(isolation)\"")
    }
  }

  /// 0 for what is absent or no number, as in docker's engine.
  private func number(_ name: String) -> Int64 { text(name).flatMap { Int64($0) } ?? 0 }

  /// What stands before the context in the body; nothing for clients that are not ours.
  func buildSecrets(from body: PipedSource) async throws -> BuildSecrets {
    guard let length = request.headers[BuildSecrets.header] else { return BuildSecrets() }
    guard let count = Int(length), (0...BuildSecrets.mostEncoded).contains(count) else {
      throw EngineError(
        .invalidArgument, "\(BuildSecrets.header): \(BuildSecrets.mostEncoded) bytes at most are expected")
    }
    let bytes = try await blocking { () throws(any Error) in
      var bytes: [UInt8] = []
      while bytes.count < count {
        let piece = try body.read(upTo: min(count - bytes.count, 1 << 16))
        if piece.isEmpty { break }
        bytes += piece
      }
      return bytes
    }
    guard bytes.count == count, let secrets = BuildSecrets(encoded: bytes) else {
      throw EngineError(.invalidArgument, "the build's secrets cannot be read")
    }
    return secrets
  }

  /// Whose ssh agents the build may use; nil for clients that are not ours.
  func buildAgents() throws(EngineError) -> BuildAgents? {
    guard let text = request.headers[BuildAgents.header] else { return nil }
    guard let agents = BuildAgents(headerValue: text) else {
      throw EngineError(.invalidArgument, "\(BuildAgents.header) cannot be read")
    }
    return agents
  }

  private func buildResources() throws(EngineError) -> BuildResources {
    var resources = BuildResources()
    resources.extraHosts = request.parameters("extrahosts").flatMap {
      $0.split(separator: ",").map(String.init)
    }
    resources.ulimits = try json("ulimits", [Ulimit].self, as: "ulimit settings", in: .docker) ?? []
    resources.sharedMemory = Int64(try integer("shmsize") ?? 0)
    resources.memory = number("memory")
    resources.memorySwap = number("memswap")
    resources.cpuShares = number("cpushares")
    resources.cpuQuota = number("cpuquota")
    resources.cpuPeriod = number("cpuperiod")
    resources.cpusetCpus = text("cpusetcpus") ?? ""
    resources.cpusetMems = text("cpusetmems") ?? ""
    resources.cgroupParent = text("cgroupparent") ?? ""
    return resources
  }

  func json<Value: Decodable>(
    _ name: String, _ type: Value.Type, as what: String, in dialect: JSONDialect = .plain
  ) throws(EngineError) -> Value? {
    // docker-compose 1.29 sends null for what nobody wrote.
    guard let text = text(name), text != "null" else { return nil }
    do throws(JSONError) {
      return try JSON.decode(type, from: Array(text.utf8), as: dialect)
    } catch {
      throw EngineError(.invalidArgument, "error reading \(what): \(error)")
    }
  }
}

extension Call {
  /// What `build/prune` is asked to remove. Before API 1.48 there was only `keep-storage`.
  fileprivate func cachePrune() throws(EngineError) -> CachePrune {
    var wish = CachePrune()
    wish.all = flag("all")
    wish.filters = try filters()
    if version >= APIVersion(1, 48) {
      wish.reservedSpace = try bytes("reserved-space")
      wish.maximumSpace = try bytes("max-used-space")
      wish.minimumFree = try bytes("min-free-space")
    }
    if wish.reservedSpace == 0 { wish.reservedSpace = try bytes("keep-storage") }
    try wish.check()
    return wish
  }

  private func bytes(_ name: String) throws(EngineError) -> Int64 {
    guard let text = text(name) else { return 0 }
    guard let bytes = Int64(text) else {
      throw EngineError(.invalidArgument, "\(name) is in bytes and expects an integer, got \(text)")
    }
    return bytes
  }
}

/// Hijacked, it may lead to a client's ssh agent.
extension RawConnection: AgentConnection {}

extension ProgressStream {
  /// The failure of a step keeps its exit code.
  fileprivate func runBuild(_ work: () async throws -> Void) async throws {
    try await run {
      do {
        try await work()
      } catch let failure as BuildFailure {
        try await send(Self.failure(failure, code: Int(failure.code)))
      }
    }
  }
}
