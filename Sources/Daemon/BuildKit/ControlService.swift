import Assembly
import BuildKitAPI
import Builder
import GRPC
import OCISpec
import Protobuf
import Reactor

/// moby.buildkit.v1.Control: what clients ask a BuildKit daemon.
struct ControlService: Sendable {
  let engine: Engine
  let jobs: BuildJobs
  let sessions: Arrivals<BuildSession>
  let worker: @Sendable () async -> WorkerRecord

  private static let name = "/moby.buildkit.v1.Control/"

  var methods: [String: GRPCServer.Handler] {
    [
      Self.name + "Info": { call in
        var info = InfoResponse()
        info.version = await worker().version
        try await call.send(info)
      },
      Self.name + "ListWorkers": { call in
        var workers = ListWorkersResponse()
        workers.records = [await worker()]
        try await call.send(workers)
      },
      Self.name + "Solve": solve,
      Self.name + "Status": status,
      "/grpc.health.v1.Health/Check": { call in
        try await call.send(HealthCheckResponse(HealthCheckResponse.serving))
      },
    ]
  }

  @Sendable private func solve(_ call: GRPCCall) async throws {
    let request = try await call.request(SolveRequest.self)
    guard !request.hasDefinition else { throw GRPCStatus.noDefinitions }
    let export = try ImageExport(request)
    let job = try jobs.begin(request)
    defer { jobs.end(job) }
    let image = try await image(of: job)
    var response = SolveResponse()
    if let image { response.exporterResponse = try await export.keep(image, in: engine, job.vertices) }
    job.vertices.log.end()
    try await call.send(response)
  }

  /// Built here where the client names a frontend; else it asks for that by the gateway.
  private func image(of job: BuildJob) async throws -> Digest? {
    guard !job.request.frontend.isEmpty else { return try await job.outcome() }
    return try await frontendBuild(
      job, frontend: job.request.frontend, FrontendOptions(job.request.frontendAttributes))
  }

  func frontendBuild(_ job: BuildJob, frontend: String, _ options: FrontendOptions) async throws(GRPCStatus)
    -> Digest
  {
    try Self.check(frontend, options)
    let (sessions, standard) = (sessions, job.request.session)
    var build = FrontendBuild(
      engine: engine, options: try Self.buildOptions(options), place: options.place, vertices: job.vertices
    ) { directory in
      try await BuildSession.find(options["local-sessionid:\(directory)"] ?? standard, in: sessions)
    }
    build.frontend = options
    return try await build.run()
  }

  private static func buildOptions(_ options: FrontendOptions) throws(GRPCStatus) -> BuildOptions {
    do { return try options.buildOptions() } catch {
      throw BuildFailureText.status(error, in: nil, at: nil)
    }
  }

  /// Dockerfiles are built by the engine itself, whatever image their first line wants for that.
  private static func check(_ frontend: String, _ options: FrontendOptions) throws(GRPCStatus) {
    if frontend == "dockerfile.v0" { return }
    let source = options["source"] ?? ""
    let names = ["docker/dockerfile", "docker.io/docker/dockerfile"]
    guard frontend == "gateway.v0", names.contains(where: { source.hasPrefix($0) }) else {
      throw GRPCStatus(
        .unimplemented, "the frontend \(frontend) \(source) is not here: only Dockerfiles are built")
    }
  }

  @Sendable private func status(_ call: GRPCCall) async throws {
    let job = try await jobs.find(try await call.request(RefRequest.self).ref)
    try await job.vertices.log.forEach { try await call.send(bytes: $0) }
  }
}

extension GRPCStatus {
  static let noDefinitions = GRPCStatus(
    .unimplemented, "steps in LLB are not carried out: this engine builds Dockerfiles")
}
