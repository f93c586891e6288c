import DockerAPI
import HTTP
import JSON

extension DockerClient {
  public func serverVersion() async throws -> VersionInfo { try await call("GET", "/version") }
  /// Throws where the engine is not Skiff's: others have no place for what is to be sent.
  func requireSkiff(orSay words: String) async throws {
    guard try await serverVersion().platform.name == PlatformName.skiff else {
      throw APIError(status: 501, message: words)
    }
  }

  public func serverVersionRaw() async throws -> JSONValue { try await raw("/version") }
  public func info() async throws -> SystemInfo { try await call("GET", "/info") }
  public func infoRaw() async throws -> JSONValue { try await raw("/info") }
  public func diskUsage() async throws -> DiskUsage { try await call("GET", "/system/df") }

  /// What happens, from `since` (if not empty) on, until `until` (if not empty) or for ever.
  public func events(since: String = "", until: String = "", filters: Filters = Filters()) async throws
    -> JSONMessages<EventMessage>
  {
    var query = Query()
    query.set("since", since)
    query.set("until", until)
    query.set(filters)
    return JSONMessages(body: try await send("GET", "/events", query).body, dialect: .plain)
  }

  /// Events as they came.
  public func eventsRaw(since: String = "", until: String = "", filters: Filters = Filters()) async throws
    -> JSONMessages<JSONValue>
  {
    var query = Query()
    query.set("since", since)
    query.set("until", until)
    query.set(filters)
    return JSONMessages(body: try await send("GET", "/events", query).body, dialect: .plain)
  }

  /// Lets the engine try credentials at their registry.
  public func authenticate(_ credentials: RegistryAuth) async throws -> AuthResponse {
    let answer = try await bytes(
      "POST", "/auth", headers: [("Content-Type", "application/json")], body: .bytes(JSON.encode(credentials))
    )
    return try JSON.decode(AuthResponse.self, from: answer, as: .docker)
  }
}
