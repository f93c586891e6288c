import DockerAPI
import EngineErrors
import HTTP

/// One method and path, and what answers there.
struct Route: Sendable {
  typealias Handler = @Sendable (Call) async throws -> Void

  let method: String
  let pattern: RoutePattern
  /// The first version of the API that has it.
  let since: APIVersion
  let handler: Handler

  /// As the table of accesses names it: `GET /containers/{id}/json`.
  var name: String { "\(method) \(pattern.text)" }

  init(_ method: String, _ pattern: String, since: APIVersion = .oldest, _ handler: @escaping Handler) {
    self.method = method
    self.since = since
    self.pattern = RoutePattern(pattern)
    self.handler = handler
  }
}

/// Finds who answers a request, by its path without or with the version in front.
struct Router: Sendable {
  struct Found: Sendable {
    let route: Route
    let version: APIVersion
    let holes: [String: String]
  }

  /// By method and first word: `GET containers`.
  private let routes: [String: [Route]]

  init(_ routes: [Route]) {
    self.routes = Dictionary(grouping: routes) { "\($0.method) \($0.pattern.firstWord)" }
  }

  /// Throws what a client hears whose path is unknown or whose version is not spoken here.
  func find(_ method: String, _ path: String) throws(EngineError) -> Found {
    var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    var version = APIVersion.newest
    if let first = segments.first, first.first == "v", let asked = APIVersion(first.dropFirst()) {
      version = try Self.spoken(asked)
      segments = segments.dropFirst()
    }
    for route in routes["\(method) \(segments.first ?? "")"] ?? [] {
      guard let holes = route.pattern.match(segments) else { continue }
      guard version >= route.since else {
        throw EngineError(.invalidArgument, "\(route.name) requires minimum API version \(route.since)")
      }
      return Found(route: route, version: version, holes: holes)
    }
    throw EngineError(.notFound, "page not found")
  }

  /// Whether a path names a version whose clients print errors as they come.
  static func isBeforeJSON(_ path: String) -> Bool {
    let first = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().first ?? ""
    return first.first == "v" && APIVersion(first.dropFirst()).map { $0 < .oldest } == true
  }

  private static func spoken(_ version: APIVersion) throws(EngineError) -> APIVersion {
    if version < .oldest {
      throw EngineError(
        .invalidArgument,
        "client version \(version) is too old. Minimum supported API version is \(APIVersion.oldest), "
          + "please upgrade your client to a newer version")
    }
    if version > .newest {
      throw EngineError(
        .invalidArgument,
        "client version \(version) is too new. Maximum supported API version is \(APIVersion.newest)")
    }
    return version
  }
}
