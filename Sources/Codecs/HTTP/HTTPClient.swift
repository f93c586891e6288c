import Linux
import Reactor
import Synchronization

/// A request's body on the client's side.
public enum HTTPRequestBody: Sendable {
  case none
  case bytes([UInt8])
  /// Pieces of unknown number; nil ends it. An error of the stream breaks the request off and is thrown.
  case stream(@Sendable () async throws -> [UInt8]?)

  /// The same after some other bytes.
  public func preceded(by start: [UInt8]) -> HTTPRequestBody {
    switch self {
    case .none: return .bytes(start)
    case .bytes(let rest): return .bytes(start + rest)
    case .stream(let rest):
      let first = Mutex<[UInt8]?>(start)
      return .stream {
        let start = first.withLock { first in
          defer { first = nil }
          return first
        }
        if let start { return start }
        return try await rest()
      }
    }
  }
}

public struct HTTPClientResponse: Sendable {
  public let status: Int
  public let reason: String
  public let headers: HTTPHeaders
  public let body: HTTPBody
}

/// Sends requests to one server. Connections are kept and used again; copies share them.
public struct HTTPClient: Sendable {
  public enum Endpoint: Sendable, Equatable {
    case unix(String)
    case tcp(host: String, port: UInt16)
  }

  /// Makes a new connection to the server.
  public typealias Dial = @Sendable () async throws -> any Connection

  private let host: String
  private let connect: Dial
  private let pool = ConnectionPool()

  public init(endpoint: Endpoint) {
    switch endpoint {
    case .unix(let path): self.init(host: "docker") { try await Connect.unix(path) }
    case .tcp(let host, let port):
      self.init(host: Self.name(host, port)) { try await Connect.tcp(host: host, port: port) }
    }
  }

  /// For a server that is reached in a way of its own; `host` is what the header of this name says.
  public init(host: String, dial: @escaping Dial) {
    self.host = host
    connect = dial
  }

  /// A host and a port as the header Host has them.
  public static func name(_ host: String, _ port: UInt16) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// The answer's head as soon as it is there; its body is read by the caller, and the connection given back at its
  /// end. Throws `SyscallError` when nobody can be reached, `HTTPError` when the answer is none.
  public func send(
    _ method: String, _ target: String, headers: [(String, String)] = [], body: HTTPRequestBody = .none
  ) async throws -> HTTPClientResponse {
    let call = ClientCall(method: method, reader: ConnectionReader(try await connection()))
    return try await call.send(head(method, target, headers, body), body, pool: pool)
  }

  /// Asks to leave HTTP. The connection is nil when the server answered otherwise than with 101 or a bare 200.
  public func upgrade(
    _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = []
  ) async throws -> (HTTPClientResponse, RawConnection?) {
    let call = ClientCall(method: method, reader: ConnectionReader(try await connection()))
    let all = headers + [("Connection", "Upgrade"), ("Upgrade", "tcp")]
    let payload = body.isEmpty ? HTTPRequestBody.none : .bytes(body)
    return try await call.upgrade(head(method, target, all, payload) + body)
  }

  private func head(
    _ method: String, _ target: String, _ headers: [(String, String)], _ body: HTTPRequestBody
  ) -> [UInt8] {
    var all = [("Host", host)] + headers
    switch body {
    case .bytes(let bytes): all.append(("Content-Length", String(bytes.count)))
    case .stream: all.append(("Transfer-Encoding", "chunked"))
    case .none: if method != "GET", method != "HEAD" { all.append(("Content-Length", "0")) }
    }
    return HeadWriter.request(method, target, all)
  }

  /// A new connection that is not kept here.
  public func dial() async throws -> any Connection { try await connect() }

  private func connection() async throws -> any Connection {
    if let kept = pool.take() { return kept }
    return try await connect()
  }
}
