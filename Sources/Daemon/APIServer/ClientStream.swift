import DockerAPI
import EngineErrors
import HTTP
import Hashing
import Synchronization
import TextFormats

/// Bytes both ways between the engine and an attached client, however they travel.
protocol ClientStream: Sendable {
  /// None at the end.
  func read() async throws -> [UInt8]
  func write(_ bytes: [UInt8]) async throws
  /// Waits, without reading, until the client has gone.
  func untilGone() async
  /// Closes so that the client gets all that was written although it may not have said everything.
  func leave() async
  func close()
}

extension RawConnection: ClientStream {}

/// A hijacked connection that speaks WebSocket (RFC 6455): what is written becomes messages of one kind.
final class WebSocketStream: ClientStream {
  private let connection: RawConnection
  private let kind: WebSocketFrame
  private let decoder = Mutex(WebSocketDecoder())

  init(_ connection: RawConnection, _ kind: WebSocketFrame) {
    self.connection = connection
    self.kind = kind
  }

  func read() async throws -> [UInt8] {
    while !decoder.withLock({ $0.isClosed }) {
      let bytes = try await connection.read()
      if bytes.isEmpty { return [] }
      let events = try decoder.withLock { decoder throws(HTTPError) in try decoder.decode(bytes) }
      var data: [UInt8] = []
      for event in events {
        switch event {
        case .data(let piece): data += piece
        case .ping(let payload): try await connection.write(WebSocketFrame.pong.encode(payload))
        case .close: return data
        }
      }
      if !data.isEmpty { return data }
    }
    return []
  }

  func write(_ bytes: [UInt8]) async throws {
    try await connection.write(kind.encode(bytes))
  }

  /// Says goodbye: 1000, a normal closure.
  func finish() async {
    // A client that has gone need not hear it.
    try? await connection.write(WebSocketFrame.close.encode([0x03, 0xe8]))
  }

  func untilGone() async { await connection.untilGone() }
  func leave() async { await connection.leave() }
  func close() { connection.close() }
}

extension Call {
  private static let webSocketSalt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  /// Takes the connection over by WebSocket's handshake (RFC 6455, section 4.2).
  func upgradeToWebSocket() async throws -> WebSocketStream {
    guard request.headers["upgrade"]?.lowercased() == "websocket",
      let key = request.headers["sec-websocket-key"],
      Base64.decode(key)?.count == 16
    else { throw EngineError(.invalidArgument, "a WebSocket handshake is needed here") }
    guard request.headers["sec-websocket-version"] == "13" else {
      throw EngineError(.invalidArgument, "only version 13 of WebSocket is spoken here")
    }
    let accept = Base64.encode(SHA1.hash(Array("\(key)\(Self.webSocketSalt)".utf8)))
    return WebSocketStream(
      try await exchange.hijack(
        status: 101,
        headers: [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]),
      // Before API 1.28 output came as text.
      version < APIVersion(1, 28) ? .text : .binary)
  }
}
