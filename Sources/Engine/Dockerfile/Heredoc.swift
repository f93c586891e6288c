/// `<<NAME` and the lines up to NAME.
public struct Heredoc: Hashable, Sendable {
  public let name: String
  public let descriptor: Int
  /// Variables in the body are replaced: no part of the name was quoted.
  public let expands: Bool
  /// Leading tabs are removed from the body (`<<-`).
  public let removesTabs: Bool
  public internal(set) var body: String

  /// The body as a file: leading tabs removed where that is asked for.
  public var content: String {
    guard removesTabs else { return body }
    return body.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0.unicodeScalars.drop(while: { $0 == "\t" })) }
      .joined(separator: "\n")
  }

  /// The heredocs that a line opens, in order, still without bodies.
  static func opened(by line: String) throws(Complaint) -> [Heredoc] {
    guard line.contains("<<") else { return [] }
    var expansion = ShellExpansion()
    expansion.keepsQuotes = true
    expansion.keepsEscapes = true
    expansion.keepsUnset = true
    // A line whose quotes do not match is the shell's business: it opens no heredoc.
    guard let words = try? expansion.words(line, { _ in nil }) else { return [] }
    var found: [Heredoc] = []
    for word in words {
      if let heredoc = try Heredoc(word: word) { found.append(heredoc) }
    }
    return found
  }

  /// `3<<-"NAME"` as one word; nil for every other word.
  init?(word: String) throws(Complaint) {
    var rest = word.unicodeScalars[...]
    let digits = rest.prefix(while: { ("0"..."9").contains($0) })
    rest = rest[digits.endIndex...]
    guard rest.starts(with: "<<".unicodeScalars) else { return nil }
    rest = rest.dropFirst(2)
    removesTabs = rest.first == "-"
    if removesTabs { rest = rest.dropFirst() }
    rest = rest.drop(while: \.isSpace)
    guard !rest.isEmpty, !rest.contains("<") else { return nil }
    var expansion = ShellExpansion()
    expansion.keepsUnset = true
    let plain: [String]
    let raw: [String]
    do {
      plain = try expansion.words(String(rest), { _ in nil })
      expansion.keepsQuotes = true
      raw = try expansion.words(String(rest), { _ in nil })
    } catch { throw Complaint(error.description) }
    guard plain.count == 1, raw.count == 1, let name = plain.first, let quoted = raw.first else { return nil }
    self.name = name
    descriptor = Int(String(digits)) ?? 0
    expands = Self.quotes(in: name) == Self.quotes(in: quoted)
    body = ""
  }

  private static func quotes(in text: String) -> Int {
    text.utf8.count { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }
  }
}
