import DockerAPI
import HTTP

/// How output reaches a client: raw from a terminal, framed otherwise.
enum StreamKind: Sendable {
  case raw, framed

  init(terminal: Bool) { self = terminal ? .raw : .framed }

  func encode(_ stream: StreamFraming.Stream, _ bytes: [UInt8]) -> [UInt8] {
    self == .raw ? bytes : StreamFraming.frame(stream, bytes)
  }

  /// Before API 1.42 both were called raw.
  func contentType(_ version: APIVersion) -> String {
    self == .framed && version >= APIVersion(1, 42) ? StreamFraming.multiplexed : StreamFraming.raw
  }
}

extension Call {
  /// Takes the connection over, in the form that the client asked for.
  func hijack(_ kind: StreamKind) async throws -> RawConnection {
    if request.headers["upgrade"] != nil {
      return try await exchange.hijack(
        status: 101,
        headers: [("Content-Type", kind.contentType(version)), ("Connection", "Upgrade"), ("Upgrade", "tcp")])
    }
    return try await exchange.hijack(status: 200, headers: [("Content-Type", StreamFraming.raw)])
  }
}
