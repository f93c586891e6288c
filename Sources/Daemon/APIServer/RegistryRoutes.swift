import Assembly
import DockerAPI
import EngineErrors
import HTTP
import ImageNames
import Images
import JSON
import OCISpec
import Registry
import TextFormats

/// What is asked of registries without an image coming or going.
func registryRoutes(_ engine: Engine) -> [Route] {
  let registry = engine.images.registry
  return [
    Route("POST", "/auth") { call in
      try await call.answer(try await registry.logIn(call.body(RegistryAuth.self, as: .plain)))
    },
    Route("GET", "/distribution/{name*}/json", since: APIVersion(1, 30)) { call in
      let reference = try reference(call.hole("name")).withDefaultTag
      let (descriptor, platforms) = try await registry.describe(reference, auth: try call.registryAuth())
      // What is inside is the registry's, with its names.
      try await call.answer(DistributionInspect(descriptor: descriptor, platforms: platforms), as: .plain)
    },
  ]
}

/// The answer of `GET /distribution/{name}/json`.
private struct DistributionInspect: Codable {
  var descriptor: Descriptor
  var platforms: [Platform]

  enum CodingKeys: String, CodingKey {
    case descriptor = "Descriptor"
    case platforms = "Platforms"
  }
}

extension Call {
  /// The query's `platform`, such as `linux/arm64/v8`, where the client's version has it.
  func platform(since first: APIVersion) throws(EngineError) -> Platform? {
    guard version >= first, let text = text("platform") else { return nil }
    guard let platform = Platform(text) else {
      throw EngineError(
        .invalidArgument, "\"\(text)\": unknown operating system or architecture: invalid argument")
    }
    return platform
  }
}

/// Fetches an image; its tag may stand in a parameter of its own, where it may be a digest too.
func pull(_ name: String, _ call: Call, _ images: Images) async throws {
  let auth = try call.registryAuth()
  let platform = try call.platform(since: APIVersion(1, 32))
  let full = call.text("tag").map { $0.contains(":") ? "\(name)@\($0)" : "\(name):\($0)" } ?? name
  try await ProgressStream(call).runReporting { report in
    try await images.pull(reference: full, platform: platform, auth: auth, progress: report)
  }
}

/// Sends an image to its registry; without a tag, all tags of the repository.
func push(_ call: Call, _ images: Images) async throws {
  let auth = try call.registryAuth()
  let name = call.hole("name")
  let tag = call.text("tag")
  try await ProgressStream(call).runReporting { report in
    try await images.push(
      reference: tag.map { "\(name):\($0)" } ?? name, allTags: tag == nil, auth: auth, progress: report)
  }
}

private func reference(_ text: String) throws(EngineError) -> ImageReference {
  do { return try ImageReference.parse(text) } catch {
    throw EngineError(.invalidArgument, error.description, cause: error)
  }
}

extension Call {
  /// `X-Registry-Auth`: base64url JSON; nil where there is none.
  func registryAuth() throws(EngineError) -> RegistryAuth? { try decoded("X-Registry-Auth") }

  /// `X-Registry-Config`: who the client is at several registries, by their names; nil where there is none.
  func registryConfig() throws(EngineError) -> [String: RegistryAuth]? { try decoded("X-Registry-Config") }

  private func decoded<Value: Decodable>(_ name: String) throws(EngineError) -> Value? {
    guard let header = request.headers[name.lowercased()], !header.isEmpty else { return nil }
    guard let bytes = Base64.decode(header) else {
      throw EngineError(.invalidArgument, "invalid \(name) header: it is no base64")
    }
    if bytes.isEmpty { return nil }
    // docker 20.10 sends null where it knows nobody.
    do { return try JSON.decode(Value?.self, from: bytes) } catch {
      throw EngineError(.invalidArgument, "invalid \(name) header: \(error)", cause: error)
    }
  }
}
