import DockerAPI
import HTTP
import JSON

extension DockerClient {
  public func containers(
    all: Bool = false, limit: Int? = nil, size: Bool = false, filters: Filters = Filters(),
    notes: Bool = false
  ) async throws -> [ContainerSummary] {
    var query = Query()
    query.set("all", all)
    query.set("notes", notes)
    query.set("limit", limit)
    query.set("size", size)
    query.set(filters)
    return try await call("GET", "/containers/json", query)
  }

  /// Creates a container; an empty name lets the engine pick one. `platform` as `linux/arm64`.
  public func createContainer(
    _ request: ContainerCreateRequest, name: String = "", platform: String = ""
  ) async throws -> ContainerCreateResponse {
    var query = Query()
    query.set("name", name)
    query.set("platform", platform)
    return try await call("POST", "/containers/create", query, json: request)
  }

  public func inspectContainer(_ id: String) async throws -> ContainerInspect {
    try await call("GET", "/containers/\(Query.name(id))/json")
  }

  /// As the engine wrote it.
  public func inspectContainerRaw(_ id: String, size: Bool = false) async throws -> JSONValue {
    var query = Query()
    query.set("size", size)
    return try await raw("/containers/\(Query.name(id))/json", query)
  }

  /// Starting one that runs already is no error.
  public func startContainer(_ id: String, detachKeys: String = "") async throws {
    var query = Query()
    query.set("detachKeys", detachKeys)
    try await perform("POST", "/containers/\(Query.name(id))/start", query)
  }

  /// `timeout` in seconds until the container is killed; nil is the container's own.
  public func stopContainer(_ id: String, signal: String = "", timeout: Int? = nil) async throws {
    try await perform("POST", "/containers/\(Query.name(id))/stop", Self.stopping(signal, timeout))
  }

  public func restartContainer(_ id: String, signal: String = "", timeout: Int? = nil) async throws {
    try await perform("POST", "/containers/\(Query.name(id))/restart", Self.stopping(signal, timeout))
  }

  private static func stopping(_ signal: String, _ timeout: Int?) -> Query {
    var query = Query()
    query.set("signal", signal)
    query.set("t", timeout)
    return query
  }

  /// An empty signal is SIGKILL.
  public func killContainer(_ id: String, signal: String = "") async throws {
    var query = Query()
    query.set("signal", signal)
    try await perform("POST", "/containers/\(Query.name(id))/kill", query)
  }

  public func removeContainer(
    _ id: String, force: Bool = false, volumes: Bool = false, link: Bool = false
  ) async throws {
    var query = Query()
    query.set("v", volumes)
    query.set("force", force)
    query.set("link", link)
    try await perform("DELETE", "/containers/\(Query.name(id))", query)
  }

  public func pauseContainer(_ id: String) async throws {
    try await perform("POST", "/containers/\(Query.name(id))/pause")
  }
  public func unpauseContainer(_ id: String) async throws {
    try await perform("POST", "/containers/\(Query.name(id))/unpause")
  }

  public func renameContainer(_ id: String, to name: String) async throws {
    var query = Query()
    query.set("name", name)
    try await perform("POST", "/containers/\(Query.name(id))/rename", query)
  }

  public func updateContainer(_ id: String, _ request: ContainerUpdateRequest) async throws
    -> ContainerUpdateResponse
  {
    try await call("POST", "/containers/\(Query.name(id))/update", json: request)
  }

  /// What to change, as the fields that were given and nothing else.
  public func updateContainer(_ id: String, fields: JSONObject) async throws -> ContainerUpdateResponse {
    try await call("POST", "/containers/\(Query.name(id))/update", json: fields)
  }

  public func top(_ id: String, psArguments: String = "") async throws -> ContainerTop {
    var query = Query()
    query.set("ps_args", psArguments)
    return try await call("GET", "/containers/\(Query.name(id))/top", query)
  }

  public func containerChanges(_ id: String) async throws -> [FilesystemChange] {
    try await call("GET", "/containers/\(Query.name(id))/changes")
  }

  public func pruneContainers(filters: Filters = Filters()) async throws -> PruneReport {
    var query = Query()
    query.set(filters)
    return try await call("POST", "/containers/prune", query)
  }

  /// Makes an image of a container: `reference` as `name:tag`, `changes` as lines of a Dockerfile.
  public func commitContainer(
    _ id: String, reference: String, author: String = "", message: String = "", changes: [String] = [],
    pause: Bool = true
  ) async throws -> IDResponse {
    var query = Query()
    query.set("container", id)
    let (name, tag) = ImageNameParts.split(reference)
    query.set("repo", name)
    query.set("tag", tag)
    query.set("author", author)
    query.set("comment", message)
    for change in changes { query.set("changes", change) }
    if !pause { query.set("pause", "0") }
    return try await call("POST", "/commit", query, json: ContainerConfig())
  }
}

/// A container's end, asked for before it is started so that it cannot be missed.
public struct PendingExit: Sendable {
  let body: HTTPBody

  /// Waits until the condition holds.
  public func result() async throws -> ContainerWaitResponse {
    try JSON.decode(ContainerWaitResponse.self, from: try await body.collect(upTo: 1 << 20), as: .docker)
  }
}

extension DockerClient {
  public enum WaitCondition: String, Sendable {
    case notRunning = "not-running"
    case nextExit = "next-exit"
    case removed
  }

  /// Returns as soon as the engine watches.
  public func beginWait(_ id: String, until condition: WaitCondition = .notRunning) async throws
    -> PendingExit
  {
    var query = Query()
    query.set("condition", condition.rawValue)
    return PendingExit(body: try await send("POST", "/containers/\(Query.name(id))/wait", query).body)
  }

  public func waitContainer(_ id: String, until condition: WaitCondition = .notRunning) async throws
    -> ContainerWaitResponse
  {
    try await beginWait(id, until: condition).result()
  }
}

/// `name:tag` and `name@digest`, taken apart without making anything of them.
enum ImageNameParts {
  static func split(_ reference: String) -> (name: String, tag: String) {
    if let at = reference.firstIndex(of: "@") {
      return (String(reference[..<at]), String(reference[reference.index(after: at)...]))
    }
    guard let colon = reference.lastIndex(of: ":"), !reference[colon...].contains("/") else {
      return (reference, "")
    }
    return (String(reference[..<colon]), String(reference[reference.index(after: colon)...]))
  }
}
