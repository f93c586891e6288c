import DaemonSettings

/// Who may use a route, and which of its objects must be one's own. What is not in the table is for clients without any
/// limits alone.
struct RouteAccess: Sendable, Equatable {
  enum Subject: Sendable, Equatable {
    /// Concerns no object, or the handler takes the limits into account (lists, creations, prunes).
    case none
    /// The container of the hole `id`; `controls` where the client gets the powers that the container has.
    case container(controls: Bool)
    /// The container that an exec of the hole `id` belongs to; its client gets the container's powers.
    case exec(controls: Bool)
    case network, volume
    /// The image of the hole `name`.
    case image
    /// The images of the query's `names`.
    case images
    /// The whole engine, or names that all clients share: not for those confined to a label, below admin.
    case everybody
  }

  let role: Scope.Role
  let subject: Subject

  static func of(_ route: String) -> RouteAccess? { table[route] }

  static let table: [String: RouteAccess] = {
    var table: [String: RouteAccess] = [:]
    func add(_ role: Scope.Role, _ subject: Subject, _ routes: [String]) {
      for route in routes { table[route] = RouteAccess(role: role, subject: subject) }
    }
    add(.viewer, .none, ["GET /_ping", "HEAD /_ping", "GET /version", "GET /info", "GET /events"])
    // Nobody knows any more whose a container was that is gone.
    add(.viewer, .everybody, ["GET /system/df", "GET /previous/{name}/logs"])
    add(
      .viewer, .none,
      ["GET /containers/json", "GET /images/json", "GET /networks", "GET /volumes", "GET /images/search"])
    add(
      .viewer, .container(controls: false),
      ["json", "top", "logs", "stats", "changes"].map { "GET /containers/{id}/\($0)" } + [
        "POST /containers/{id}/wait"
      ])
    add(.viewer, .exec(controls: false), ["GET /exec/{id}/json"])
    add(.viewer, .image, ["GET /images/{name*}/json", "GET /images/{name*}/history"])
    add(.viewer, .network, ["GET /networks/{id}"])
    add(.viewer, .volume, ["GET /volumes/{name}"])
    addOperators(add)
    addEmpty(add)
    return table
  }()

  private typealias Add = (Scope.Role, Subject, [String]) -> Void

  private static func addOperators(_ add: Add) {
    add(
      .operator, .none,
      ["POST /containers/create", "POST /containers/prune", "POST /networks/create", "POST /networks/prune"]
        + ["POST /volumes/create", "POST /volumes/prune", "POST /images/create", "POST /auth"]
        + ["GET /distribution/{name*}/json"])
    add(
      .operator, .container(controls: false),
      ["start", "restart", "stop", "kill", "pause", "unpause", "resize", "rename", "update"].map {
        "POST /containers/{id}/\($0)"
      }
        + ["DELETE /containers/{id*}"])
    add(
      .operator, .container(controls: true),
      ["exec", "attach"].map { "POST /containers/{id}/\($0)" }
        + ["GET /containers/{id}/attach/ws", "GET /containers/{id}/export"]
        + ["GET", "HEAD", "PUT"].map { "\($0) /containers/{id}/archive" })
    add(.operator, .exec(controls: true), ["POST /exec/{id}/start", "POST /exec/{id}/resize"])
    add(
      .operator, .network,
      ["DELETE /networks/{id}", "POST /networks/{id}/connect", "POST /networks/{id}/disconnect"])
    add(.operator, .volume, ["DELETE /volumes/{name}"])
    add(.operator, .image, ["GET /images/{name*}/get"])
    add(.operator, .images, ["GET /images/get"])
    // Its ADD fetches what the host can reach.
    add(.admin, .everybody, ["POST /build", "POST /build/agent", "POST /session", "POST /grpc"])
    add(
      .operator, .everybody,
      [
        "POST /images/{name*}/tag", "POST /images/{name*}/push", "DELETE /images/{name*}",
        "POST /images/prune",
      ]
        + ["POST /images/load", "POST /commit", "POST /build/prune", "POST /build/cancel"])
  }

  /// What answers that there is nothing of the kind.
  private static func addEmpty(_ add: Add) {
    add(.operator, .none, ["PUT /volumes/{name}"])
    for method in ["GET", "POST", "DELETE"] {
      for path in ["/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs"] {
        add(.viewer, .none, ["\(method) \(path)", "\(method) \(path)/{rest*}"])
      }
    }
    add(.operator, .none, ["leave", "init", "join"].map { "POST /swarm/\($0)" })
    add(.viewer, .none, ["GET /plugins", "GET /plugins/{name*}/json"])
    add(
      .admin, .none,
      ["enable", "disable", "upgrade", "push", "set"].map { "POST /plugins/{name*}/\($0)" }
        + [
          "DELETE /plugins/{name*}", "GET /plugins/privileges", "POST /plugins/pull", "POST /plugins/create",
        ])
  }
}
