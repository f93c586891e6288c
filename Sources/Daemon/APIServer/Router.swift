import EngineErrors
import HTTP

/// One method and path, and what answers there.
struct Route: Sendable {
  typealias Handler = @Sendable (Call) async throws -> Void

  let method: String
  let pattern: RoutePattern
  let handler: Handler

  /// As the table of accesses names it: `GET /containers/{id}/json`.
  var name: String { "\(method) \(pattern.text)" }

  init(_ method: String, _ pattern: String, _ handler: @escaping Handler) {
    self.method = method
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

  private let routes: [Route]

  init(_ routes: [Route]) { self.routes = routes }

  /// Throws what a client hears whose path is unknown or whose version is not spoken here.
  func find(_ method: String, _ path: String) throws(EngineError) -> Found {
    var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    var version = APIVersion.current
    if let first = segments.first, first.first == "v", let asked = APIVersion(first.dropFirst()) {
      version = try Self.spoken(asked)
      segments = segments.dropFirst()
    }
    for route in routes where route.method == method {
      guard let holes = route.pattern.match(Array(segments)) else { continue }
      return Found(route: route, version: version, holes: holes)
    }
    throw EngineError(.notFound, "page not found")
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
