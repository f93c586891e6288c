import Linux
import Reactor
import Synchronization

/// A connection after its upgrade: bytes both ways, no longer HTTP. Closed by `close` or when dropped.
public final class RawConnection: Sendable {
  private let reader: ConnectionReader
  private let isHeadTaken = Mutex(false)

  init(_ reader: ConnectionReader) { self.reader = reader }

  /// Some bytes as they come; none when the other side has finished writing.
  public func read() async throws -> [UInt8] { try await reader.some(upTo: 65536) }
  /// All of the bytes; those of one call stay together.
  public func write(_ bytes: [UInt8]) async throws {
    if !isHeadTaken.withLock({ $0 }) { try await waitForHead() }
    try await reader.connection.write(bytes)
  }

  /// Some clients (docker-py, by Python's http.client) read the head through a buffer and the rest around it: what
  /// comes together with the head they lose. So the head is given a moment to be read.
  private func waitForHead() async throws {
    isHeadTaken.withLock { $0 = true }
    let end = Clock.monotonic + Self.patience
    while !reader.connection.isReadByPeer, Clock.monotonic < end { try await sleep(milliseconds: 1) }
  }

  /// Nanoseconds that a client may take to read a head.
  private static let patience: Int64 = 2_000_000_000

  /// Tells the other side that nothing more will come, and goes on reading.
  public func shutdownWrite() { reader.connection.shutdownWrite() }
  /// Waits, without reading, until the other side has closed altogether; returns early when cancelled or closed here.
  public func untilGone() async {
    // Whatever ends the wait, nothing is left to wait for.
    try? await reader.connection.gone()
  }
  /// Ends our side, takes what the other still says for at most a second, and closes: closing with unread bytes would take
  /// back what was written last (unix(7), TCP resets).
  public func leave() async {
    shutdownWrite()
    // Whatever ends the wait, the connection is closed.
    _ = try? await withDeadline(milliseconds: 1000) { while !(try await self.read().isEmpty) {} }
    close()
  }
  /// Ends both directions and wakes who reads or writes.
  public func close() { reader.connection.close() }
}
