import Reactor
import Synchronization

/// One HTTP/2 connection (RFC 9113) over a channel that is there already, from either side.
///
/// `run` must be running for anything to happen. What a stream holds is bounded by its window.
public final class HTTP2Connection: Sendable {
  private let channel: any ByteChannel
  let core: Mutex<SessionCore>
  private let pingMilliseconds: Int

  /// Who begins streams is the client, whoever began the connection.
  public enum Role: Sendable { case server, client }

  /// - Parameter pingMilliseconds: how long the other side may be silent until it is asked whether it is there; as long
  ///   without any answer ends the connection.
  public init(_ channel: any ByteChannel, as role: Role, pingMilliseconds: Int = 30_000) throws(HTTP2Error) {
    self.channel = channel
    self.pingMilliseconds = pingMilliseconds
    core = Mutex(try SessionCore(role))
  }

  /// Carries bytes until the connection ends or the task is cancelled; then all streams have ended.
  /// Each stream that the other side opens is given to `accept` in a task of its own, which is cancelled when the stream
  /// ends early.
  public func run(_ accept: @escaping @Sendable (HTTP2Stream) async -> Void = { _ in }) async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.write() }
      group.addTask { await self.askNowAndThen() }
      await read { stream in
        group.addTask { await Self.serve(stream, accept) }
      }
      close()
      group.cancelAll()
    }
  }

  /// Ends it for both sides.
  public func close() {
    channel.close()
    core.withLock { $0.end() }
  }

  /// Opens a stream; the client's side only.
  public func open(_ headers: [HeaderField]) throws(HTTP2Error) -> HTTP2Stream {
    let id = try core.withLock { core throws(HTTP2Error) in try core.open(headers) }
    return HTTP2Stream(self, id)
  }

  private static func serve(
    _ stream: HTTP2Stream, _ accept: @escaping @Sendable (HTTP2Stream) async -> Void
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await accept(stream) }
      group.addTask { await stream.untilClosed() }
      await group.next()
      group.cancelAll()
    }
  }

  private func read(_ accept: (HTTP2Stream) -> Void) async {
    do {
      while try await readSome(accept) {}
    } catch {
      // The other side has gone, or makes no sense: either way nobody is left to talk to.
    }
  }

  /// False at the end.
  private func readSome(_ accept: (HTTP2Stream) -> Void) async throws -> Bool {
    let bytes = try await channel.read()
    if bytes.isEmpty { return false }
    let (fresh, isAlive) = try core.withLock { core throws(HTTP2Error) in
      try core.receive(bytes)
      return (core.takeAccepted(), core.isAlive)
    }
    for id in fresh { accept(HTTP2Stream(self, id)) }
    return isAlive
  }

  private func write() async {
    do {
      while let bytes = try await output() { try await channel.write(bytes) }
    } catch {
      // As above.
    }
    // Wakes the reader, whose end is the connection's.
    channel.close()
  }

  /// Nil when nothing will come any more.
  private func output() async throws -> [UInt8]? {
    while true {
      let (bytes, latch) = try core.withLock { core throws(HTTP2Error) -> ([UInt8]?, Latch?) in
        let bytes = try core.output()
        if !bytes.isEmpty { return (bytes, nil) }
        return core.isAlive ? (nil, core.outputChanges.next()) : (nil, nil)
      }
      guard let latch else { return bytes }
      try await latch.wait()
    }
  }

  private func askNowAndThen() async {
    do {
      while try await isThere() {}
      channel.close()
    } catch {
      // The connection has ended.
    }
  }

  private func isThere() async throws -> Bool {
    core.withLock { $0.hasHeard = false }
    try await sleep(milliseconds: pingMilliseconds)
    if core.withLock({ $0.hasHeard }) { return true }
    try core.withLock { core throws(HTTP2Error) in try core.ping() }
    try await sleep(milliseconds: pingMilliseconds)
    return core.withLock { $0.hasHeard }
  }
}
