import HTTP
import Reactor

/// Bytes both ways that an HTTP/2 connection travels over. One task reads and one writes at a time.
public protocol ByteChannel: Sendable {
  /// Some bytes as they come; none at the end.
  func read() async throws -> [UInt8]
  /// All of the bytes.
  func write(_ bytes: [UInt8]) async throws
  /// Ends both directions and wakes who reads or writes. Closing again does nothing.
  func close()
}

extension RawConnection: ByteChannel {}

extension AsyncDescriptor: ByteChannel {
  public func read() async throws -> [UInt8] { try await read(upTo: 65536) }
}
