/// The text of a `.dockerignore` as its patterns in order.
public struct IgnoreFile: Hashable, Sendable {
  public struct Line: Hashable, Sendable {
    /// Cleaned, relative to the root of the context, with a leading `!` where it takes files back in.
    public let pattern: String
    /// Where it stands in the file, from 1.
    public let number: Int
  }

  public let lines: [Line]

  /// Comments, blank lines and a byte order mark are left out; a leading slash means nothing.
  public init(_ text: String) {
    var lines: [Line] = []
    var bytes = Substring(text)
    if bytes.unicodeScalars.first == "\u{FEFF}" { bytes = Substring(bytes.unicodeScalars.dropFirst()) }
    for (index, raw) in bytes.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    where raw.utf8.first != UInt8(ascii: "#") {
      let trimmed = Self.trim(raw)
      guard !trimmed.isEmpty else { continue }
      let takesBack = trimmed.first == "!"
      let pattern = takesBack ? Self.trim(trimmed.dropFirst()) : trimmed
      lines.append(Line(pattern: (takesBack ? "!" : "") + Self.relative(pattern), number: index + 1))
    }
    self.lines = lines
  }

  static func trim(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private static func relative(_ pattern: Substring) -> String {
    guard !pattern.isEmpty else { return "" }
    let clean = SlashPath.clean(String(pattern))
    return clean.utf8.count > 1 && clean.utf8.first == UInt8(ascii: "/") ? String(clean.dropFirst()) : clean
  }
}
