import Archive
import DockerAPI
import EngineErrors
import Filtering
import HTTP
import ImageNames
import JSON
import Linux
import Reactor

extension Registry {
  /// What is at a registry by a word: Docker Hub's, or that of `host:port/word`. The registry must have the search of the
  /// first version of its API; those that hold images for others mostly have none.
  public func search(
    _ term: String, limit: Int, filters: Filters, auth: RegistryAuth?
  ) async throws(EngineError) -> [SearchResult] {
    let wanted = try SearchFilter(filters)
    let request = try SearchRequest(term, limit: limit)
    let places = request.places(isInsecure: isInsecure(request.domain))
    let found = try await stoppable { stop throws(EngineError) in
      try await blocking { () throws(EngineError) in
        try failing(.internal, "search \(request.domain)") { try Self.ask(places, request, auth, stop) }
      }
    }
    return found.filter(wanted.accepts)
  }

  /// The first place that answers; places that cannot be reached are passed over while there are others.
  private static func ask(
    _ places: [RegistryHost], _ search: SearchRequest, _ auth: RegistryAuth?, _ stop: StopFlag
  ) throws -> [SearchResult] {
    for (number, place) in places.enumerated() {
      var request = WebRequest(url: place.base + search.path)
      request.verifiesPeer = !place.isLocal
      request.certificates = Environment.value("SSL_CERT_FILE") ?? Environment.value("CURL_CA_BUNDLE")
      if let basic = auth?.basicCredentials { request.headers.append(("Authorization", "Basic \(basic)")) }
      request.headers.append(("X-Docker-Token", "true"))
      let transfer = Transfer(request, stop: stop)
      let response: WebResponse
      do { response = try transfer.head() } catch let error as TransferError {
        if number + 1 < places.count { continue }
        throw EngineError(.internal, error.description, cause: error)
      }
      return try results(response, transfer, search)
    }
    return []
  }

  private static let mostBytes = 4 << 20

  private static func results(
    _ response: WebResponse, _ transfer: Transfer, _ search: SearchRequest
  ) throws -> [SearchResult] {
    let body = try transfer.readToEnd(limit: mostBytes)
    guard response.status == 200 else {
      let hint = response.status == 404 ? ": the registry \(search.domain) offers no search" : ""
      throw EngineError(.internal, "unexpected status code \(response.status)\(hint)")
    }
    let answer: JSONValue
    do throws(JSONError) { answer = try JSON.parse(body) } catch {
      throw EngineError(.internal, "error decoding registry search results: \(error)", cause: error)
    }
    return (answer["results"]?.array ?? []).prefix(search.limit).map(SearchResult.init)
  }
}

/// One repository that a search found.
public struct SearchResult: Sendable, Equatable {
  public var name: String
  public var description: String
  public var stars: Int64
  public var isOfficial: Bool

  init(_ item: JSONValue) {
    name = item["name"]?.string ?? ""
    description = item["description"]?.string ?? ""
    stars = item["star_count"]?.integer ?? 0
    isOfficial = item["is_official"]?.bool ?? false
  }

  /// As Docker's API has it; nothing is built automatically any more.
  public var json: JSONObject {
    [
      "star_count": .integer(stars), "is_official": .bool(isOfficial), "name": .string(name),
      "is_automated": false,
      "description": .string(description),
    ]
  }
}

/// What is asked, and of whom.
struct SearchRequest: Equatable {
  /// The registry's `host:port`, or `docker.io`.
  let domain: String
  let word: String
  let limit: Int

  /// A limit of 0 is the default.
  init(_ term: String, limit: Int) throws(EngineError) {
    guard !term.contains("://") else {
      throw EngineError(
        .invalidArgument, "invalid repository name: repository name (\(term)) should not have a scheme")
    }
    guard (0...100).contains(limit) else {
      throw EngineError(.invalidArgument, "limit \(limit) is outside the range of [1, 100]")
    }
    self.limit = limit == 0 ? 25 : limit
    let parts = term.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let isDomain = parts.count == 2 && ImageReference.isHost(parts[0])
    let domain = isDomain ? parts[0] : "docker.io"
    let isHub = ["docker.io", "index.docker.io"].contains(domain)
    self.domain = isHub ? "docker.io" : domain
    let word = isDomain ? parts[1] : term
    self.word = isHub && word.hasPrefix("library/") ? String(word.dropFirst("library/".count)) : word
  }

  var path: String { "/v1/search?q=\(percentEncoded(word))&n=\(limit)" }

  /// Where to ask, in this order.
  func places(isInsecure: Bool) -> [RegistryHost] {
    if domain == "docker.io" { return [RegistryHost(mirror: "https://index.docker.io")] }
    let byTLS = RegistryHost(domain: domain, isInsecure: isInsecure)
    return byTLS.isLocal
      ? [RegistryHost(domain: domain, plain: true, isInsecure: isInsecure), byTLS] : [byTLS]
  }
}

/// `is-official`, `is-automated` and `stars`.
struct SearchFilter {
  private let isOfficial: Bool?
  private let isAutomated: Bool
  private let stars: Int64

  init(_ filters: Filters) throws(EngineError) {
    try filters.admit(["is-automated", "is-official", "stars"])
    isOfficial = try filters.flag("is-official")
    isAutomated = try filters.flag("is-automated") ?? false
    var most: Int64 = 0
    for text in filters["stars"] {
      guard let stars = Int64(text) else {
        throw EngineError(
          .invalidArgument,
          "invalid filter 'stars=\(text)': strconv.Atoi: parsing \"\(text)\": invalid syntax")
      }
      most = max(most, stars)
    }
    stars = most
  }

  func accepts(_ result: SearchResult) -> Bool {
    !isAutomated && (isOfficial == nil || isOfficial == result.isOfficial) && result.stars >= stars
  }
}
