import Reactor
import Synchronization

/// One request and its answer on an HTTP/2 connection. Dropping it before it has ended resets it. One task reads and one
/// writes at a time.
public final class HTTP2Stream: Sendable {
  private let connection: HTTP2Connection
  public let id: Int32

  /// More than this many bytes wait in the stream only for the time of one write.
  static let mostUnsent = 64 << 10

  init(_ connection: HTTP2Connection, _ id: Int32) {
    self.connection = connection
    self.id = id
  }

  deinit { connection.core.withLock { [id] in $0.letGo(id) } }

  /// The other side's head. Throws when the stream ends before.
  public func headers() async throws -> [HeaderField] {
    try await when { record in
      if record.headersAreComplete { return record.headers }
      if let code = record.closeCode { throw HTTP2Error.reset(code) }
      return nil
    }
  }

  /// What followed the body; none before its end.
  public var trailers: [HeaderField] { connection.core.withLock { [id] in $0.streams[id]?.trailers ?? [] } }

  /// The next bytes of the body; nil at its end.
  public func next() async throws -> [UInt8]? {
    let bytes = try await when { record -> [UInt8]? in
      let bytes = record.takeIncoming()
      if !bytes.isEmpty || record.isEnded { return bytes }
      if let code = record.closeCode { throw HTTP2Error.reset(code) }
      return nil
    }
    if bytes.isEmpty { return nil }
    connection.core.withLock { [id] in $0.consumed(bytes.count, of: id) }
    return bytes
  }

  /// The server's head; its end too where `isWhole`.
  public func respond(_ headers: [HeaderField], isWhole: Bool = false) throws(HTTP2Error) {
    try connection.core.withLock { [id] core throws(HTTP2Error) in
      try core.respond(id, headers, isWhole: isWhole)
    }
  }

  /// Takes the bytes as the other side makes room for them. Throws when the stream has ended.
  public func write(_ bytes: [UInt8]) async throws {
    if bytes.isEmpty { return }
    _ = try await when { record -> Bool? in
      if let code = record.closeCode { throw HTTP2Error.reset(code) }
      return record.unsentCount < Self.mostUnsent ? true : nil
    }
    connection.core.withLock { [id] core in
      core.streams[id]?.outgoing += bytes
      core.resume(id)
    }
  }

  /// Says that no more will be written.
  public func finish(trailers: [HeaderField]? = nil) {
    connection.core.withLock { [id] core in
      core.streams[id]?.trailersToSend = trailers
      core.streams[id]?.sendsNoMore = true
      core.resume(id)
    }
  }

  /// Waits until our side's end is on its way, or the stream has ended. Throws `CancellationError`.
  public func untilSent() async throws {
    _ = try await when { record -> Bool? in record.closeCode != nil || record.hasSaidAll ? true : nil }
  }

  /// Ends the stream for both sides at once.
  public func reset(code: UInt32 = HTTP2Error.cancelCode) {
    connection.core.withLock { [id] core in
      guard core.streams[id]?.closeCode == nil else { return }
      // What cannot be reset is over already.
      try? core.reset(id, code: code)
    }
  }

  /// Waits until both sides have ended it, in whatever way, or the task is cancelled.
  public func untilClosed() async {
    // Cancelled, nobody waits any more.
    _ = try? await when { record in record.closeCode }
  }

  /// Waits until `condition` has an answer; it is asked again at every change.
  private func when<Value: Sendable>(_ condition: (StreamRecord) throws -> Value?) async throws -> Value {
    while true {
      let (value, latch) = try connection.core.withLock { [id] core -> (Value?, Latch?) in
        guard let record = core.streams[id] else { throw HTTP2Error.gone }
        if let value = try condition(record) { return (value, nil) }
        return (nil, record.changes.next())
      }
      if let value { return value }
      try await latch?.wait()
    }
  }
}
