import Reactor

/// A connection after its upgrade: bytes both ways, no longer HTTP. Closed by `close` or when dropped.
public final class RawConnection: Sendable {
  private let reader: ConnectionReader

  init(_ reader: ConnectionReader) { self.reader = reader }

  /// Some bytes as they come; none when the other side has finished writing.
  public func read(upTo count: Int = 65536) async throws -> [UInt8] { try await reader.some(upTo: count) }
  /// All of the bytes; those of one call stay together.
  public func write(_ bytes: [UInt8]) async throws { try await reader.descriptor.write(bytes) }
  /// Tells the other side that nothing more will come, and goes on reading.
  public func shutdownWrite() { reader.descriptor.shutdownWrite() }
  /// Waits, without reading, until the other side has closed altogether; returns early when cancelled or closed here.
  public func untilGone() async {
    // Whatever ends the wait, nothing is left to wait for.
    try? await reader.descriptor.gone()
  }
  /// Ends both directions and wakes who reads or writes.
  public func close() { reader.descriptor.close() }
}
