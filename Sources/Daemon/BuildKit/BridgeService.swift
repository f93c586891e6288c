import Assembly
import BuildKitAPI
import GRPC
import HTTP2
import Images
import JSON
import OCISpec
import Protobuf

/// moby.buildkit.v1.frontend.LLBBridge: what a client calls that is a build's frontend itself, and hands all on to the
/// Dockerfile frontend.
struct BridgeService: Sendable {
  let control: ControlService

  private static let name = "/moby.buildkit.v1.frontend.LLBBridge/"

  private static let capabilities = [
    "solve.base", "solve.inlinereturn", "resolveimage", "resolveimage.resolvemode", "return", "importcaches",
    "proto.refarray", "frontend.caps", "gateway.solve.metadata", "gateway.solve.evaluate", "gateway.evaluate",
    "gateway.warnings", "frontend.inputs",
  ]

  var methods: [String: GRPCServer.Handler] {
    [
      Self.name + "Ping": { call in
        _ = try await job(of: call)
        var answer = PongResponse()
        answer.frontendCapabilities = Self.capabilities.map { Capability($0) }
        answer.workers = [await control.worker()]
        try await call.send(answer)
      },
      Self.name + "Solve": solve,
      Self.name + "Return": finish,
      Self.name + "ResolveImageConfig": resolve,
      Self.name + "Inputs": nothing,
      // A result is there already when it has a name.
      Self.name + "Evaluate": nothing,
      Self.name + "Warn": nothing,
    ]
  }

  /// The build that the call belongs to.
  private func job(of call: GRPCCall) async throws -> BuildJob {
    guard let ref = call.headers["buildkit-controlapi-buildid"] else {
      throw GRPCStatus(.invalidArgument, "no build id in the call's metadata")
    }
    return try await control.jobs.find(ref)
  }

  @Sendable private func nothing(_ call: GRPCCall) async throws {
    _ = try await job(of: call)
    try await call.send(NoFields())
  }

  @Sendable private func solve(_ call: GRPCCall) async throws {
    let job = try await job(of: call)
    let request = try await call.request(FrontendSolveRequest.self)
    guard !request.hasDefinition, request.inputs.isEmpty else { throw GRPCStatus.noDefinitions }
    var answer = FrontendSolveResponse()
    var result = FrontendResult()
    result.isOld = !request.allowsResultArray
    if !request.frontend.isEmpty {
      let image = try await control.frontendBuild(
        job, frontend: request.frontend, FrontendOptions(request.options))
      result.ref = job.keep(image)
    }
    answer.ref = request.allowsResult ? "" : result.ref
    answer.result = request.allowsResult ? result : nil
    try await call.send(answer)
  }

  @Sendable private func finish(_ call: GRPCCall) async throws {
    let job = try await job(of: call)
    let request = try await call.request(ReturnRequest<GRPCStatus>.self)
    if let error = request.error {
      job.finish(.failure(error))
    } else {
      let name = request.result?.ref ?? ""
      let image = job.result(name)
      guard image != nil || name.isEmpty else {
        throw GRPCStatus(.notFound, "could not find reference \(name)")
      }
      job.finish(.success(image))
    }
    try await call.send(NoFields())
  }

  @Sendable private func resolve(_ call: GRPCCall) async throws {
    let request = try await call.request(RefRequest.self)
    let image = try await control.engine.images.find(request.ref)
    var answer = ResolveImageResponse()
    answer.digest = image.id.description
    answer.config = JSON.encode(image.config)
    answer.ref = request.ref
    try await call.send(answer)
  }
}
