/// Splits a command line into words as `command:` and `entrypoint:` of a compose file do.
///
/// Quotes group, a backslash escapes outside single quotes, nothing is expanded; an unquoted `;`, `&`, `|`, `<` or
/// `>` ends the command.
public enum ShellWords {
  /// The words of `line`; throws when a quote, an escape or a parenthesis is left open.
  public static func split(_ line: String) throws(ShellWordsError) -> [String] {
    var splitter = ShellWordSplitter()
    for character in line.unicodeScalars where try !splitter.take(character) { break }
    return try splitter.finish()
  }
}

/// A command line whose quotes do not close.
public struct ShellWordsError: Error, Equatable, CustomStringConvertible {
  public var description: String { "invalid command line string" }
}

private struct ShellWordSplitter {
  private var words: [String] = []
  private var word = String.UnicodeScalarView()
  private var hasWord = false
  private var escaped = false
  private var single = false
  private var double = false
  private var back = false
  private var dollar = false

  private var quoted: Bool { single || double || back || dollar }

  /// Takes one character; false when the command ends here.
  mutating func take(_ character: Unicode.Scalar) throws(ShellWordsError) -> Bool {
    if escaped {
      escaped = false
      append(character)
      return true
    }
    switch character {
    case "\\":
      if single { word.append(character) } else { escaped = true }
      return true
    case " ", "\t", "\r", "\n":
      if quoted { word.append(character) } else { endWord() }
      return true
    case "\"" where !single && !dollar:
      if double { hasWord = true }
      double.toggle()
      return true
    case "'" where !double && !dollar:
      if single { hasWord = true }
      single.toggle()
      return true
    case ";", "&", "|", "<", ">":
      guard quoted else {
        if character == ">", let first = word.first, ("0"..."9").contains(first) { hasWord = false }
        return false
      }
    default: try takeSubstitution(character)
    }
    append(character)
    return true
  }

  private mutating func takeSubstitution(_ character: Unicode.Scalar) throws(ShellWordsError) {
    switch character {
    case "`" where !single && !double && !dollar: back.toggle()
    case ")" where !single && !double && !back: dollar.toggle()
    case "(" where !single && !double && !back:
      guard !dollar, word.last == "$" else { throw ShellWordsError() }
      dollar = true
    default: break
    }
  }

  private mutating func append(_ character: Unicode.Scalar) {
    word.append(character)
    hasWord = true
  }

  private mutating func endWord() {
    guard hasWord else { return }
    words.append(String(word))
    word = .init()
    hasWord = false
  }

  mutating func finish() throws(ShellWordsError) -> [String] {
    guard !escaped, !quoted else { throw ShellWordsError() }
    endWord()
    return words
  }
}
