import DockerAPI
import HTTP
import JSON
import Linux
import Reactor
import Synchronization
import TLS

/// The Engine API of one engine: Skiff's, Docker's or Podman's.
///
/// Every method throws `APIError` when the engine said no and `ConnectionError` when none answered.
public struct DockerClient: Sendable {
  public let host: DockerHost
  let http: HTTPClient
  let extraHeaders: [(String, String)]
  private let negotiated = Negotiation()
  private var namesVersion = true

  private final class Negotiation: Sendable {
    let ping = Mutex<PingAnswer?>(nil)
  }

  /// `headers` go with every request, as config.json's HttpHeaders ask. `tls` is for TCP; the others have their own
  /// guards.
  public init(host: DockerHost, tls: TLSMaterial? = nil, headers: [(String, String)] = []) {
    self.host = host
    extraHeaders = headers
    switch host {
    case .unix(let path): http = HTTPClient(endpoint: .unix(path))
    case .tcp(let name, let port):
      http =
        tls.map { HTTPClient(host: HTTPClient.name(name, port), dial: $0.dial(name, port)) }
        ?? HTTPClient(endpoint: .tcp(host: name, port: port))
    case .ssh(let address):
      http = HTTPClient(host: "docker.example.com") { try await FarEngine.dial(address) }
    }
  }

  /// As `init(host:)`, for an address in text.
  public init(host text: String) throws(InvalidHost) { self.init(host: try DockerHost(text)) }

  /// Asks who answers; done once, before the first other request.
  @discardableResult
  public func ping() async throws -> PingAnswer {
    if let known = negotiated.ping.withLock({ $0 }) { return known }
    let response = try await exchange("GET", "/_ping", [], .none)
    _ = try await response.body.collect(upTo: 65536)
    // An engine that does not say its version is from before versions were told.
    let version = response.headers["Api-Version"].flatMap(APIVersion.init) ?? APIVersion.oldest
    let answer = PingAnswer(
      status: response.status, apiVersion: version, operatingSystem: response.headers["Ostype"] ?? "",
      builderVersion: response.headers["Builder-Version"] ?? "",
      isExperimental: response.headers["Docker-Experimental"] == "true",
      isPodman: response.headers["Libpod-Api-Version"] != nil)
    negotiated.ping.withLock { $0 = answer }
    return answer
  }

  /// The same engine, for requests that are the same in every version: nobody asks for the version first, and none
  /// is named.
  public var withoutVersion: DockerClient {
    var other = self
    other.namesVersion = false
    return other
  }

  /// A new connection to the engine, for somebody else to speak over.
  public func dial() async throws -> any Connection {
    do { return try await http.dial() } catch { throw connectionError(error) }
  }

  /// The version that both sides speak.
  public func version() async throws -> APIVersion { min(try await ping().apiVersion, APIVersion.newest) }

  /// One request, its answer's body still to be read. Answers with a status of 400 and above are thrown.
  func send(
    _ method: String, _ path: String, _ query: Query = Query(), headers: [(String, String)] = [],
    body: HTTPRequestBody = .none
  ) async throws -> HTTPClientResponse {
    try Self.refuseEmptyName(path)
    let response = try await exchange(method, try await target(path, query), headers, body)
    if response.status >= 400 { throw try await Self.error(response) }
    return response
  }

  func target(_ path: String, _ query: Query) async throws -> String {
    "\(namesVersion ? "/v\(try await version())" : "")\(path)\(query.text)"
  }

  /// An empty name would make another path of the one that is meant.
  private static func refuseEmptyName(_ path: String) throws {
    for kind in ["container", "network", "volume"] {
      let group = "/\(kind)s/"
      if path == group || path.hasPrefix("\(group)/") {
        throw EmptyName(description: "invalid \(kind) name or ID: value is empty")
      }
    }
  }

  private func exchange(
    _ method: String, _ target: String, _ headers: [(String, String)], _ body: HTTPRequestBody
  ) async throws -> HTTPClientResponse {
    do {
      return try await http.send(method, target, headers: all(headers), body: body)
    } catch {
      throw connectionError(error)
    }
  }

  func all(_ headers: [(String, String)]) -> [(String, String)] {
    [("User-Agent", "skiff")] + extraHeaders + headers
  }

  /// Failures of the way to the engine become `ConnectionError`, others stay.
  func connectionError(_ error: any Error) -> any Error {
    switch error {
    case let error as SyscallError:
      switch error.errno {
      case .noSuchFile, .connectionRefused: ConnectionError(host: host, reason: .absent)
      case .permissionDenied, .notPermitted: ConnectionError(host: host, reason: .forbidden)
      default: ConnectionError(host: host, reason: .broken("\(error)"))
      }
    case is TLSError, is FarEngineError, is DeadlineExceeded:
      ConnectionError(host: host, reason: .broken("\(error)"))
    default: error
    }
  }

  /// The error in an answer: Docker's `{"message":…}`, else the text itself.
  static func error(_ response: HTTPClientResponse) async throws -> APIError {
    let bytes = try await response.body.collect(upTo: 1 << 20)
    // Not every proxy in between speaks JSON; its words are as good.
    if let body = try? JSON.decode(ErrorBody.self, from: bytes), !body.message.isEmpty {
      return APIError(status: response.status, message: body.message)
    }
    var text = Substring(String(decoding: bytes, as: UTF8.self))
    while text.last?.isWhitespace == true { text.removeLast() }
    return APIError(
      status: response.status, message: text.isEmpty ? "status \(response.status)" : String(text))
  }
}

extension DockerClient {
  /// The largest answer that is read at once, in bytes.
  static let answerLimit = 256 << 20

  func bytes(
    _ method: String, _ path: String, _ query: Query = Query(), headers: [(String, String)] = [],
    body: HTTPRequestBody = .none
  ) async throws -> [UInt8] {
    try await send(method, path, query, headers: headers, body: body).body.collect(upTo: Self.answerLimit)
  }

  /// A request whose answer is read as `Answer`, in the docker dialect.
  func call<Answer: Decodable>(
    _ method: String, _ path: String, _ query: Query = Query(), as type: Answer.Type = Answer.self
  ) async throws -> Answer {
    try JSON.decode(type, from: try await bytes(method, path, query), as: .docker)
  }

  /// A request with a body in the docker dialect.
  func call<Answer: Decodable>(
    _ method: String, _ path: String, _ query: Query = Query(), json value: some Encodable,
    as type: Answer.Type = Answer.self
  ) async throws -> Answer {
    let answer = try await bytes(
      method, path, query, headers: [("Content-Type", "application/json")],
      body: .bytes(JSON.encode(value, as: .docker)))
    return try JSON.decode(type, from: answer, as: .docker)
  }

  /// A request whose answer says nothing.
  func perform(_ method: String, _ path: String, _ query: Query = Query()) async throws {
    _ = try await bytes(method, path, query)
  }

  func perform(_ method: String, _ path: String, _ query: Query = Query(), json value: some Encodable)
    async throws
  {
    _ = try await bytes(
      method, path, query, headers: [("Content-Type", "application/json")],
      body: .bytes(JSON.encode(value, as: .docker)))
  }

  /// An answer as it came, for inspect: fields that this client does not know are kept.
  func raw(_ path: String, _ query: Query = Query()) async throws -> JSONValue {
    try JSON.parse(try await bytes("GET", path, query))
  }
}
