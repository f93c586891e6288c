import BuildKitAPI
import DockerAPI
import GRPC
import OCISpec
import Reactor
import Synchronization

/// One build that a client has asked for: its request, what is told of it, and what came of it.
final class BuildJob: Sendable {
  let request: SolveRequest
  let vertices: BuildVertices

  private struct State {
    var results: [String: Digest] = [:]
    var outcome: Result<Digest?, GRPCStatus>?
  }
  private let state = Mutex(State())
  private let returned = Latch()

  init(_ request: SolveRequest) {
    self.request = request
    vertices = BuildVertices(ref: request.ref)
  }

  /// The image that a frontend's call made, under a new name.
  func keep(_ image: Digest) -> String {
    let name = String(ObjectID.random().prefix(25))
    state.withLock { state in
      if state.results.count < 64 { state.results[name] = image }
    }
    return name
  }

  func result(_ name: String) -> Digest? { state.withLock { $0.results[name] } }

  /// The client's own part of the build is over.
  func finish(_ outcome: Result<Digest?, GRPCStatus>) {
    state.withLock { $0.outcome = $0.outcome ?? outcome }
    returned.open()
  }

  /// What the client's own part gave; nil for no image.
  func outcome() async throws -> Digest? {
    try await returned.wait()
    return try state.withLock { $0.outcome }?.get()
  }
}

/// The builds that are under way, by the names that clients give them.
final class BuildJobs: Sendable {
  private let jobs = Arrivals<BuildJob>(most: BuildJobs.most)

  /// Builds at once, with those that have just ended.
  static let most = 128
  /// How long one that has ended can still be asked about, in milliseconds.
  static let afterlife = 5000

  func begin(_ request: SolveRequest) throws(GRPCStatus) -> BuildJob {
    guard !request.ref.isEmpty, request.ref.utf8.count <= 256 else {
      throw GRPCStatus(.invalidArgument, "a build needs a ref")
    }
    let job = BuildJob(request)
    guard jobs.add(request.ref, job) else {
      throw GRPCStatus(.unknown, "the build \(request.ref) is there, or there are too many")
    }
    return job
  }

  /// The build is over; who asks at once still hears of it.
  func end(_ job: BuildJob) {
    job.vertices.log.end()
    job.finish(.failure(GRPCStatus(.cancelled, "the build is over")))
    Task {
      // Nobody cancels it.
      try? await sleep(milliseconds: Self.afterlife)
      jobs.remove(job.request.ref)
    }
  }

  /// The build of that name, as soon as its client has asked for it.
  func find(_ ref: String) async throws -> BuildJob {
    try await jobs.find(ref, else: "no such job \(ref.prefix(64))")
  }
}
