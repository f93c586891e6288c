import Reactor

extension ByteSource {
  /// The source for whoever takes pieces as they come, as the body of a request does: each call gives one of 256 KiB at
  /// most, and nil at the end. It is read where blocking is allowed.
  public func pieces() -> @Sendable () async throws -> [UInt8]? {
    {
      let piece = try await blocking { try self.read(upTo: 1 << 18) }
      return piece.isEmpty ? nil : piece
    }
  }
}
