import BuildKitAPI
import Builder
import GRPC
import OCISpec
import Protobuf
import Reactor
import Synchronization

/// A build as docker's clients up to 20.10 ask for it: over HTTP, with BuildKit's status in the answer and the files in a
/// session.
public struct TracedBuild: Sendable {
  /// The client's name for it, by which it can be cancelled; may be empty.
  public var id: String
  public var session: String
  /// Where the context is: `client-session`, `upload-request` or a URL.
  public var remote: String
  public var options: BuildOptions
  /// What stands for the context where it comes by a request of its own, and begins that request's build id.
  static let uploaded = "upload-request"

  public init(id: String, session: String, remote: String, options: BuildOptions) {
    self.id = id
    self.session = session
    self.remote = remote
    self.options = options
  }
}

extension BuildKitServer {
  /// Takes the archive of a build that is asked for by another request, and returns when it was read. False where the id
  /// is no upload's.
  public func upload(_ id: String, _ next: @escaping @Sendable () async throws -> [UInt8]?) async throws
    -> Bool
  {
    guard id.hasPrefix("\(TracedBuild.uploaded):"), id.utf8.count <= 256 else { return false }
    try await uploads.offer(id, next)
    return true
  }

  /// Builds and answers the image's id. `trace` gets messages of BuildKit's status (StatusResponse). Throws `GRPCStatus`.
  public func build(
    _ build: TracedBuild, trace: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Digest {
    let log = StatusLog()
    return try await log.heard(by: trace) {
      try await self.cancellable(build.id) { try await self.image(of: build, log) }
    }
  }

  private func image(of build: TracedBuild, _ log: StatusLog) async throws -> Digest {
    let vertices = BuildVertices(log, ref: "\(build.session) \(build.id)")
    var options = build.options
    let export = try ImageExport(names: options.tags)
    options.tags = []
    let remote = build.remote == "client-session" ? nil : build.remote
    var place = ContextPlace(
      dockerfile: options.dockerfile, remote: remote, directory: nil, dockerfileDirectory: nil)
    if remote == TracedBuild.uploaded {
      return try await uploads.with("\(TracedBuild.uploaded):\(build.id)") { next in
        place.files = .request(next)
        return try await self.image(of: build, options, export, place, vertices)
      }
    }
    return try await image(of: build, options, export, place, vertices)
  }

  private func image(
    of build: TracedBuild, _ options: BuildOptions, _ export: ImageExport, _ place: ContextPlace,
    _ vertices: BuildVertices
  ) async throws -> Digest {
    let frontend = FrontendBuild(engine: engine, options: options, place: place, vertices: vertices) { _ in
      try await BuildSession.find(build.session, in: self.sessions)
    }
    let image = try await frontend.run()
    _ = try await export.keep(image, in: engine, vertices)
    return image
  }

  /// Runs `body`, which `cancel` of that name ends early.
  private func cancellable(_ id: String, _ body: @escaping @Sendable () async throws -> Digest) async throws
    -> Digest
  {
    guard !id.isEmpty else { return try await body() }
    let stop = Latch()
    stops.withLock { $0[id] = stop }
    defer { stops.withLock { $0[id] = nil } }
    return try await withThrowingTaskGroup(of: Digest.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await stop.wait()
        throw GRPCStatus(.cancelled, "context canceled")
      }
      defer { group.cancelAll() }
      guard let image = try await group.next() else { throw CancellationError() }
      return image
    }
  }

  /// Ends a build that was given this name; nothing where there is none.
  public func cancel(_ id: String) { stops.withLock { $0[id] }?.open() }
}
