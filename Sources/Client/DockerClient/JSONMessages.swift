import DockerAPI
import HTTP
import JSON

/// The JSON values of an answer that is still being written, one a line: progress, events, statistics.
public struct JSONMessages<Message: Decodable & Sendable>: AsyncSequence, Sendable {
  let body: HTTPBody
  let dialect: JSONDialect

  public func makeAsyncIterator() -> Iterator { Iterator(body: body, dialect: dialect) }

  public struct Iterator: AsyncIteratorProtocol {
    /// The longest line that is read, in bytes.
    static var lineLimit: Int { 16 << 20 }
    let body: HTTPBody
    let dialect: JSONDialect
    private var lines = LineBuffer()

    init(body: HTTPBody, dialect: JSONDialect) {
      self.body = body
      self.dialect = dialect
    }

    public mutating func next() async throws -> Message? {
      var line = try heldLine()
      while line == nil, !lines.isAtEnd {
        try await readOn()
        line = try heldLine()
      }
      return try line.map(message)
    }

    private func message(_ line: [UInt8]) throws -> Message {
      try JSON.decode(Message.self, from: line, as: dialect)
    }

    private mutating func readOn() async throws {
      if let bytes = try await body.next() { lines.feed(bytes) } else { lines.finish() }
    }

    /// The next whole line that says something; nil where more must be read.
    private mutating func heldLine() throws -> [UInt8]? {
      while let line = lines.next() {
        if line.contains(where: { $0 > 32 }) { return line }
      }
      guard lines.count <= Self.lineLimit else {
        throw JSONError(
          line: 0, column: 0, path: "", message: "a message longer than \(Self.lineLimit) bytes")
      }
      return nil
    }
  }
}

/// Bytes that arrive in pieces, handed out as lines.
struct LineBuffer {
  private var bytes: [UInt8] = []
  private var start = 0
  private var searched = 0
  private var finished = false

  var count: Int { bytes.count - start }
  var isAtEnd: Bool { finished && count == 0 }

  mutating func feed(_ more: [UInt8]) {
    bytes.removeFirst(start)
    searched -= start
    start = 0
    bytes += more
  }

  /// No more bytes will come: what is left is the last line.
  mutating func finish() { finished = true }

  /// The next whole line without its end.
  mutating func next() -> [UInt8]? {
    if let end = bytes[searched...].firstIndex(of: 10) {
      defer {
        start = end + 1
        searched = start
      }
      return Array(bytes[start..<end])
    }
    searched = bytes.count
    guard finished, count > 0 else { return nil }
    defer { start = bytes.count }
    return Array(bytes[start...])
  }
}
