import Assembly
import Builder
import DockerAPI
import EngineErrors
import HTTP
import JSON
import OCISpec

func buildRoutes(_ engine: Engine) -> [Route] {
  [
    Route("POST", "/build") { call in
      let options = try call.buildOptions()
      let progress = ProgressStream(call)
      // A client that goes takes its build along.
      try await call.exchange.whileConnected {
        try await progress.runBuild {
          // That the client has gone is noticed elsewhere.
          let tell: @Sendable (ProgressMessage) async -> Void = { try? await progress.send($0) }
          if let remote = call.text("remote") {
            _ = try await engine.builder.build(options, remote: remote, progress: tell)
            return
          }
          _ = try await UploadSource.with(call.request.body) { source in
            try await engine.builder.build(options, context: source, progress: tell)
          }
        }
      }
    },
    Route("POST", "/build/prune") { call in
      let pruned = try await engine.builder.pruneCache()
      var report = PruneReport()
      report.cachesDeleted = pruned.layers.map(\.description)
      report.spaceReclaimed = pruned.bytes
      try await call.answer(report)
    },
    Route("POST", "/build/cancel") { call in try await call.answer(status: 204) },
  ]
}

extension Call {
  /// The query of a build in the builder's terms.
  func buildOptions() throws(EngineError) -> BuildOptions {
    guard text("version") != "2" else {
      throw EngineError(.notImplemented, "BuildKit's protocol is not supported: build with DOCKER_BUILDKIT=0")
    }
    var options = BuildOptions()
    if let dockerfile = text("dockerfile") { options.dockerfile = dockerfile }
    options.tags = request.parameters("t").filter { !$0.isEmpty }
    options.target = text("target") ?? ""
    options.buildArguments = try json("buildargs", [String: String?].self) ?? [:]
    options.labels = try json("labels", [String: String].self) ?? [:]
    options.cacheFrom = try json("cachefrom", [String]?.self).flatMap { $0 } ?? []
    options.noCache = flag("nocache")
    options.pull = flag("pull")
    options.quiet = flag("q")
    options.platform = text("platform") ?? ""
    if let network = text("networkmode") { options.networkMode = network }
    options.resources = try buildResources()
    return options
  }

  private func buildResources() throws(EngineError) -> BuildResources {
    var resources = BuildResources()
    resources.extraHosts = request.parameters("extrahosts").flatMap {
      $0.split(separator: ",").map(String.init)
    }
    resources.sharedMemory = Int64(try integer("shmsize") ?? 0)
    resources.memory = Int64(try integer("memory") ?? 0)
    resources.memorySwap = Int64(try integer("memswap") ?? 0)
    resources.cpuShares = Int64(try integer("cpushares") ?? 0)
    resources.cpuQuota = Int64(try integer("cpuquota") ?? 0)
    resources.cpuPeriod = Int64(try integer("cpuperiod") ?? 0)
    resources.cpusetCpus = text("cpusetcpus") ?? ""
    resources.cpusetMems = text("cpusetmems") ?? ""
    resources.cgroupParent = text("cgroupparent") ?? ""
    return resources
  }

  private func json<Value: Decodable>(_ name: String, _ type: Value.Type) throws(EngineError) -> Value? {
    guard let text = text(name) else { return nil }
    do throws(JSONError) {
      return try JSON.decode(type, from: Array(text.utf8), as: .plain)
    } catch {
      throw EngineError(.invalidArgument, "error reading \(name): \(error)")
    }
  }
}

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
