/// Why a text is no Dockerfile, and on which line (from 1).
public struct DockerfileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let line: Int
  public let message: String

  public init(line: Int, message: String) {
    self.line = line
    self.message = message
  }

  /// The word that is no instruction, where that is what was wrong.
  public var unknownInstruction: String? {
    guard message.hasPrefix(Self.unknown) else { return nil }
    return String(message.dropFirst(Self.unknown.count).prefix { !$0.isWhitespace })
  }

  static let unknown = "unknown instruction: "

  public var description: String { "dockerfile parse error on line \(line): \(message)" }
}

/// A complaint about an instruction before its line is known.
struct Complaint: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
