/// What a probe has found.
struct ProbeVerdict: Equatable {
  var isHealthy: Bool
  var text: String
}

/// One conversation with a server: pure, bytes in, bytes out, a verdict as soon as there is one.
protocol ProbeTalk {
  /// What is sent once there is a connection.
  var opening: [UInt8] { get }
  /// What the server sends; a verdict ends the conversation.
  mutating func heard(_ bytes: [UInt8]) -> ProbeVerdict?
  /// The server has closed the connection, or the time is over; nil where nothing can be said of it.
  func ended() -> ProbeVerdict?
}

/// What a server sent, fit for a line of output.
enum ProbeText {
  static let longest = 300

  static func line(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(longest), as: UTF8.self)
    let words = text.split { $0.isWhitespace || $0 < " " }.joined(separator: " ")
    return bytes.count > longest ? words + "..." : words
  }
}

/// A connection is all that is wanted.
struct ConnectionTalk: ProbeTalk {
  let opening: [UInt8] = []
  func heard(_ bytes: [UInt8]) -> ProbeVerdict? { nil }
  func ended() -> ProbeVerdict? { nil }
}
