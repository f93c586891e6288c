import Reactor

/// A response's body, written in pieces.
public final class HTTPResponseStream: Sendable {
  private let connection: any Connection
  private let isChunked: Bool
  private let isSilent: Bool
  private let finished: @Sendable () -> Void

  init(
    _ connection: any Connection, isChunked: Bool, isSilent: Bool, finished: @escaping @Sendable () -> Void
  ) {
    self.connection = connection
    self.isChunked = isChunked
    self.isSilent = isSilent
    self.finished = finished
  }

  /// Sends the bytes at once. Throws `SyscallError`, such as EPIPE, when the client has gone.
  public func write(_ bytes: [UInt8]) async throws {
    if bytes.isEmpty || isSilent { return }
    try await connection.write(isChunked ? chunk(bytes) : bytes)
  }

  /// Ends the body. A stream that is dropped without it ends with its connection, and the client sees it cut off.
  public func finish() async throws {
    if isChunked { try await connection.write(lastChunk) }
    finished()
  }
}
