import Linux
import Reactor
import Synchronization

/// The bytes of a connection, with what was read too far kept for the next who reads. One task reads at a time.
final class ConnectionReader: Sendable {
  let connection: any Connection
  private let held = Mutex<[UInt8]>([])

  init(_ connection: any Connection) { self.connection = connection }

  var heldCount: Int { held.withLock { $0.count } }

  /// Some bytes; none at the end.
  func some(upTo count: Int = 65536) async throws -> [UInt8] {
    let early = held.withLock { held -> [UInt8] in
      if held.count <= count {
        defer { held = [] }
        return held
      }
      defer { held.removeFirst(count) }
      return Array(held.prefix(count))
    }
    if !early.isEmpty { return early }
    return try await connection.read(upTo: count)
  }

  /// Gives back what belongs to the next message.
  func putBack(_ bytes: ArraySlice<UInt8>) {
    if !bytes.isEmpty { held.withLock { $0 = Array(bytes) + $0 } }
  }

  /// What came while nobody asked.
  func append(_ bytes: [UInt8]) { held.withLock { $0 += bytes } }

  /// A head up to its empty line, which is dropped; nil when the connection ends before it begins.
  /// `started` is called once the first byte is there.
  func head(limit: Int, started: () -> Void = {}) async throws -> [UInt8]? {
    var bytes: [UInt8] = []
    var searched = 0
    while true {
      let more = try await some()
      if more.isEmpty {
        if bytes.isEmpty { return nil }
        throw HTTPError.truncated
      }
      if bytes.isEmpty { started() }
      // The first byte of a TLS handshake (RFC 8446 section 5.1): its sender would wait for an answer that never comes.
      if bytes.isEmpty, more[0] == 0x16 { throw HTTPError(400, "this port speaks HTTP without TLS") }
      bytes += more
      // Some clients end a body with an empty line that its length does not count (RFC 9112 section 2.2).
      while bytes.count >= 2, bytes[0] == carriageReturn, bytes[1] == lineFeed { bytes.removeFirst(2) }
      if let end = Self.endOfHead(bytes, from: max(0, searched - 3)) {
        guard end <= limit else { throw HTTPError(431, "the head is too long") }
        putBack(bytes[(end + 4)...])
        return Array(bytes[..<end])
      }
      guard bytes.count <= limit else { throw HTTPError(431, "the head is too long") }
      searched = bytes.count
    }
  }

  private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + 3 < bytes.count {
      if bytes[index] == carriageReturn, bytes[index + 1] == lineFeed, bytes[index + 2] == carriageReturn,
        bytes[index + 3] == lineFeed
      {
        return index
      }
      index += 1
    }
    return nil
  }
}
