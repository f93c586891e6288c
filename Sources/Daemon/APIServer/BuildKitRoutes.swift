import Assembly
import BuildKit
import BuildKitAPI
import Builder
import DockerAPI
import EngineErrors
import HTTP
import JSON
import Networks
import OCISpec
import TextFormats

func buildKitRoutes(_ server: BuildKitServer) -> [Route] {
  [
    Route("POST", "/session") { call in
      let head = SessionHead { call.request.headers.all($0) }
      guard head.isValid else { throw EngineError(.invalidArgument, "the session has no id") }
      _ = await server.keep(head, over: try await call.hijackToHTTP2())
    },
    Route("POST", "/grpc") { call in
      await server.serve(try await call.hijackToHTTP2())
    },
  ]
}

extension Call {
  /// Takes the connection over for HTTP/2 without TLS.
  fileprivate func hijackToHTTP2() async throws -> RawConnection {
    guard request.headers["upgrade"]?.lowercased() == "h2c" else {
      throw EngineError(.invalidArgument, "the request must ask for an upgrade to h2c")
    }
    return try await exchange.hijack(
      status: 101, headers: Self.headers + [("Connection", "Upgrade"), ("Upgrade", "h2c")])
  }
}

extension Call {
  /// A build whose files come by a session, and whose answer is BuildKit's status.
  func tracedBuild(_ server: BuildKitServer) async throws {
    let body = request.body
    if try await server.upload(text("buildid") ?? "", { try await body.next() }) {
      return try await answer(status: 200)
    }
    let build = TracedBuild(
      id: text("buildid") ?? "", session: text("session") ?? "", remote: text("remote") ?? "",
      options: try tracedOptions())
    let progress = ProgressStream(self)
    try await exchange.whileConnected {
      try await progress.run {
        try await progress.begin()
        let image = try await server.build(build) { try await progress.send(Self.trace($0)) }
        try await progress.send(Self.result(image))
        guard build.options.quiet else { return }
        var message = ProgressMessage()
        message.stream = "\(image)\n"
        try await progress.send(message)
      }
    }
  }

  private func tracedOptions() throws(EngineError) -> BuildOptions {
    guard text("session") != nil else { throw EngineError(.invalidArgument, "the build names no session") }
    guard try json("outputs", [JSONObject].self, as: "outputs")?.isEmpty != false else {
      throw EngineError(.notImplemented, "only images are made here: leave --output out")
    }
    var options = try buildOptions()
    // These are more places to look into here, not the only ones.
    options.cacheFrom = []
    return options
  }

  private static func trace(_ status: [UInt8]) -> ProgressMessage {
    var message = ProgressMessage()
    message.id = "moby.buildkit.trace"
    message.aux = .string(Base64.encode(status))
    return message
  }

  private static func result(_ image: Digest) -> ProgressMessage {
    var message = ProgressMessage()
    message.id = "moby.image.id"
    message.aux = .object(["ID": .string(image.description)])
    return message
  }
}

extension Engine {
  /// The engine as one of BuildKit's workers.
  func worker(_ facts: DaemonFacts) async -> WorkerRecord {
    var worker = WorkerRecord()
    worker.id = facts.id
    var platform = BuildPlatform()
    platform.os = Platform.host.os
    platform.architecture = Platform.host.architecture
    platform.variant = Platform.host.variant ?? ""
    worker.platforms = [platform]
    worker.version.package = "skiff"
    worker.version.version = "v\(EngineVersion.number)"
    worker.labels["org.mobyproject.buildkit.worker.executor"] = "containers"
    if let gateway = await hostGateway {
      worker.labels["org.mobyproject.buildkit.worker.moby.host-gateway-ip"] = gateway
    }
    return worker
  }

  /// The host's address in the standard network; nil where there is none.
  private var hostGateway: String? {
    get async {
      // Without it only `host-gateway` has no meaning.
      let network = try? await networks.inspect("bridge")
      return network?.ipam.config?.first?.gateway
    }
  }
}
