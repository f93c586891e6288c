import HTTP2
import Synchronization

/// The messages of one direction of a call: each behind five bytes with its length.
final class GRPCMessages: Sendable {
  private let stream: HTTP2Stream
  private let limit: Int
  private let held = Mutex<ArraySlice<UInt8>>([])

  /// - Parameter limit: bytes of the longest message.
  init(_ stream: HTTP2Stream, limit: Int) {
    self.stream = stream
    self.limit = limit
  }

  /// Nil when the other side has said all.
  func next() async throws -> [UInt8]? {
    while true {
      if let message = try whole() { return message }
      guard let bytes = try await stream.next() else {
        guard held.withLock({ $0.isEmpty }) else { throw GRPCStatus(.internal, "a message breaks off") }
        return nil
      }
      // What was taken is given back as soon as nothing is left.
      held.withLock { held in if held.isEmpty { held = bytes[...] } else { held += bytes } }
    }
  }

  private func whole() throws -> [UInt8]? {
    try held.withLock { held in
      guard held.count >= 5 else { return nil }
      let start = held.startIndex
      guard held[start] == 0 else {
        throw GRPCStatus(.unimplemented, "compressed messages are not understood here")
      }
      let count = held[(start + 1)..<(start + 5)].reduce(0) { $0 << 8 | Int($1) }
      guard count <= limit else {
        throw GRPCStatus(.resourceExhausted, "a message of \(count) bytes is more than \(limit)")
      }
      guard held.count >= 5 + count else { return nil }
      let message = Array(held[(start + 5)..<(start + 5 + count)])
      held = held.dropFirst(5 + count)
      return message
    }
  }

  static func framed(_ message: [UInt8]) -> [UInt8] {
    let count = UInt32(message.count)
    return [0, UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
      + message
  }
}
