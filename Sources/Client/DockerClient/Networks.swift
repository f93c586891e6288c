import DockerAPI
import JSON

extension DockerClient {
  public func networks(filters: Filters = Filters()) async throws -> [NetworkResource] {
    var query = Query()
    query.set(filters)
    return try await call("GET", "/networks", query)
  }

  public func inspectNetwork(_ name: String) async throws -> NetworkResource {
    try await call("GET", "/networks/\(Query.name(name))")
  }

  public func inspectNetworkRaw(_ name: String, verbose: Bool = false) async throws -> JSONValue {
    var query = Query()
    query.set("verbose", verbose ? "true" : nil)
    return try await raw("/networks/\(Query.name(name))", query)
  }

  public func createNetwork(_ request: NetworkCreateRequest) async throws -> NetworkCreateResponse {
    try await call("POST", "/networks/create", json: request)
  }

  public func removeNetwork(_ name: String) async throws {
    try await perform("DELETE", "/networks/\(Query.name(name))")
  }

  public func connectNetwork(_ network: String, _ request: NetworkConnectRequest) async throws {
    try await perform("POST", "/networks/\(Query.name(network))/connect", json: request)
  }

  public func disconnectNetwork(_ network: String, container: String, force: Bool = false) async throws {
    var request = NetworkDisconnectRequest()
    request.container = container
    request.force = force
    try await perform("POST", "/networks/\(Query.name(network))/disconnect", json: request)
  }

  public func pruneNetworks(filters: Filters = Filters()) async throws -> PruneReport {
    var query = Query()
    query.set(filters)
    return try await call("POST", "/networks/prune", query)
  }
}
