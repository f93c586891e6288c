/// Splits an instruction's text into words that keep their quotes and escapes.
struct WordSplitter {
  let escape: Unicode.Scalar

  /// The words between blanks outside quotes.
  func words(_ text: String) -> [String] {
    var words: [String] = []
    var scanner = Scanner(scalars: Array(text.unicodeScalars), escape: escape)
    while let word = scanner.next(removingQuotes: false) { words.append(word) }
    return words
  }

  /// The `--flags` in front, without their quotes, and the rest of the text.
  func flags(_ text: String) -> (flags: [String], rest: String) {
    var flags: [String] = []
    var scanner = Scanner(scalars: Array(text.unicodeScalars), escape: escape)
    while true {
      scanner.skipBlanks()
      guard scanner.startsFlag, let word = scanner.next(removingQuotes: true) else { break }
      if word == "--" { break }
      flags.append(word)
    }
    return (flags, scanner.rest.trimmed)
  }

  private struct Scanner {
    let scalars: [Unicode.Scalar]
    let escape: Unicode.Scalar
    var position = 0

    var rest: String { String(String.UnicodeScalarView(scalars[position...])) }
    var startsFlag: Bool { scalars[position...].starts(with: "--".unicodeScalars) }

    mutating func skipBlanks() {
      while position < scalars.count, scalars[position].isSpace { position += 1 }
    }

    mutating func next(removingQuotes: Bool) -> String? {
      skipBlanks()
      guard position < scalars.count else { return nil }
      var word = String.UnicodeScalarView()
      var quote: Unicode.Scalar?
      while position < scalars.count {
        let character = scalars[position]
        if quote == nil, character.isSpace { break }
        position += 1
        if character == quote {
          quote = nil
          if !removingQuotes { word.append(character) }
        } else if quote == nil, character == "'" || character == "\"" {
          quote = character
          if !removingQuotes { word.append(character) }
        } else if character == escape, removingQuotes || quote != "'" {
          // An escape character at the very end means nothing.
          guard position < scalars.count else { break }
          if !removingQuotes { word.append(character) }
          word.append(scalars[position])
          position += 1
        } else {
          word.append(character)
        }
      }
      return String(word)
    }
  }
}
