import DockerAPI
import HTTP
import JSON

extension DockerClient {
  public func images(all: Bool = false, digests: Bool = false, filters: Filters = Filters()) async throws
    -> [ImageSummary]
  {
    var query = Query()
    query.set("all", all)
    query.set("digests", digests)
    query.set(filters)
    return try await call("GET", "/images/json", query)
  }

  /// As they came, with what each holds for single platforms where the engine knows that.
  public func imagesRaw(all: Bool = false, filters: Filters = Filters()) async throws -> JSONValue {
    var query = Query()
    query.set("all", all)
    query.set("manifests", true)
    query.set(filters)
    return try await raw("/images/json", query)
  }

  public func inspectImage(_ name: String) async throws -> ImageInspect {
    try await call("GET", "/images/\(Query.name(name))/json")
  }
  /// `platform` is JSON, as the API wants it; empty for the engine's choice. So with those below.
  public func inspectImageRaw(_ name: String, platform: String = "") async throws -> JSONValue {
    var query = Query()
    query.set("platform", platform)
    return try await raw("/images/\(Query.name(name))/json", query)
  }
  public func imageHistory(_ name: String, platform: String = "") async throws -> [ImageHistoryItem] {
    var query = Query()
    query.set("platform", platform)
    return try await call("GET", "/images/\(Query.name(name))/history", query)
  }

  public func tagImage(_ source: String, as reference: String) async throws {
    var query = Query()
    let (name, tag) = ImageNameParts.split(reference)
    query.set("repo", name)
    query.set("tag", tag)
    try await perform("POST", "/images/\(Query.name(source))/tag", query)
  }

  public func removeImage(
    _ name: String, force: Bool = false, noPrune: Bool = false, platforms: [String] = []
  ) async throws -> [ImageDeleteItem] {
    var query = Query()
    query.set("force", force)
    query.set("noprune", noPrune)
    for platform in platforms { query.set("platforms", platform) }
    return try await call("DELETE", "/images/\(Query.name(name))", query)
  }

  public func pruneImages(filters: Filters = Filters()) async throws -> PruneReport {
    var query = Query()
    query.set(filters)
    return try await call("POST", "/images/prune", query)
  }

  /// Docker Hub's answer to a search, as it came.
  public func searchImages(_ term: String, limit: Int? = nil, filters: Filters = Filters(), auth: String = "")
    async throws -> JSONValue
  {
    var query = Query()
    query.set("term", term)
    query.set("limit", limit)
    query.set(filters)
    return try JSON.parse(try await bytes("GET", "/images/search", query, headers: Self.auth(auth)))
  }

  static func auth(_ encoded: String) -> [(String, String)] {
    encoded.isEmpty ? [] : [("X-Registry-Auth", encoded)]
  }
}
