/// Bytes both ways between two programs, plain or secret. Several tasks may read and write at once.
public protocol Connection: Sendable {
  /// At most `count` bytes as soon as there are some; none at the end.
  func read(upTo count: Int) async throws -> [UInt8]
  /// What can be read without waiting: nil when nothing is there yet, no bytes at the end.
  func readNow(upTo count: Int) throws -> [UInt8]?
  /// All of the bytes; those of one call stay together.
  func write(_ bytes: [UInt8]) async throws
  /// Tells the other side that nothing more will come.
  func shutdownWrite()
  /// Waits until both directions have ended, without reading.
  func gone() async throws
  /// Whether the other side's kernel has everything that was written.
  var isReadByPeer: Bool { get }
  /// Ends both directions and wakes who reads or writes. Closing again does nothing.
  func close()
}

extension Connection {
  public func read() async throws -> [UInt8] { try await read(upTo: 65536) }
}

extension AsyncDescriptor: Connection {}
