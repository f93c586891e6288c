/// Quotes, escapes and variables of one word or line, as docker's builder understands a shell.
///
/// Known: `$v ${v} ${v:-w} ${v-w} ${v:+w} ${v+w} ${v:?w} ${v?w} ${v#p} ${v##p} ${v%p} ${v%%p} ${v/p/r} ${v//p/r}`.
public struct ShellExpansion: Sendable {
  public typealias Lookup = (String) -> String?

  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  var escape: Unicode.Scalar
  /// Quotes stay in the result.
  var keepsQuotes = false
  /// Escape characters stay in the result.
  var keepsEscapes = false
  /// Quotes have no meaning (the body of a heredoc).
  var ignoresQuotes = false
  /// A variable without a value stays as it is written.
  var keepsUnset = false

  public init(escape: Unicode.Scalar = "\\") { self.escape = escape }

  /// The word with quotes removed and variables replaced.
  public func word(_ source: String, _ lookup: Lookup) throws(Failure) -> String {
    try run(source, lookup).text
  }

  /// The line split at blanks outside quotes, after variables were replaced.
  public func words(_ source: String, _ lookup: Lookup) throws(Failure) -> [String] {
    try run(source, lookup).words
  }

  private func run(_ source: String, _ lookup: Lookup) throws(Failure) -> (text: String, words: [String]) {
    var scanner = ShellScanner(
      options: self, scalars: Array(source.unicodeScalars), keepsEscapes: keepsEscapes)
    do throws(Failure) { return try scanner.scan(until: nil, lookup) } catch {
      throw Failure(description: "failed to process \"\(source)\": \(error)")
    }
  }
}

/// Words collected while a line is read.
struct WordCollector {
  private(set) var words: [String] = []
  private var current = String.UnicodeScalarView()

  /// A character that ends the word where it is a blank.
  mutating func add(_ character: Unicode.Scalar) {
    if character.isSpace { finish() } else { current.append(character) }
  }

  /// Characters that never end the word.
  mutating func addLiterally(_ text: some Sequence<Unicode.Scalar>) { current.append(contentsOf: text) }

  mutating func finish() {
    if !current.isEmpty { words.append(String(current)) }
    current = String.UnicodeScalarView()
  }
}
