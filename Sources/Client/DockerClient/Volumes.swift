import DockerAPI
import JSON

extension DockerClient {
  public func volumes(filters: Filters = Filters()) async throws -> VolumeList {
    var query = Query()
    query.set(filters)
    return try await call("GET", "/volumes", query)
  }

  public func inspectVolume(_ name: String) async throws -> Volume {
    try await call("GET", "/volumes/\(Query.name(name))")
  }
  public func inspectVolumeRaw(_ name: String) async throws -> JSONValue {
    try await raw("/volumes/\(Query.name(name))")
  }

  public func createVolume(_ request: VolumeCreateRequest) async throws -> Volume {
    try await call("POST", "/volumes/create", json: request)
  }

  public func removeVolume(_ name: String, force: Bool = false) async throws {
    var query = Query()
    query.set("force", force)
    try await perform("DELETE", "/volumes/\(Query.name(name))", query)
  }

  public func pruneVolumes(filters: Filters = Filters()) async throws -> PruneReport {
    var query = Query()
    query.set(filters)
    return try await call("POST", "/volumes/prune", query)
  }
}
