/// The exec form: a JSON array of strings.
enum JSONStrings {
  enum Outcome: Equatable {
    /// Where the array is followed by a comment or other text, `rest` is that text.
    case strings([String], rest: String)
    case otherValues
    case notJSON
  }

  static func read(_ text: String) -> Outcome {
    var reader = Reader(scalars: Array(text.unicodeScalars))
    return reader.outcome()
  }

  /// Nested deeper than this is no command line.
  private static let deepest = 32

  private struct Reader {
    let scalars: [Unicode.Scalar]
    var position = 0
    var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func outcome() -> Outcome {
      skipBlanks()
      guard current == "[", let elements = array(depth: 0) else { return .notJSON }
      skipBlanks()
      var strings: [String] = []
      for element in elements {
        guard let string = element else { return .otherValues }
        strings.append(string)
      }
      return .strings(strings, rest: String(String.UnicodeScalarView(scalars[position...])))
    }

    /// The elements of an array, nil for each that is no string; nil where the text is malformed.
    mutating func array(depth: Int) -> [String?]? {
      position += 1
      var elements: [String?] = []
      skipBlanks()
      if take("]") { return elements }
      while depth < deepest {
        skipBlanks()
        if current == "\"" {
          guard let string = string() else { return nil }
          elements.append(string)
        } else {
          guard skipValue(depth: depth + 1) else { return nil }
          elements.append(nil)
        }
        skipBlanks()
        if take("]") { return elements }
        guard take(",") else { return nil }
      }
      return nil
    }

    mutating func skipValue(depth: Int) -> Bool {
      switch current {
      case "\""?: return string() != nil
      case "["?: return array(depth: depth) != nil
      case "{"?: return skipObject(depth: depth)
      default: return skipWord()
      }
    }

    mutating func skipObject(depth: Int) -> Bool {
      position += 1
      skipBlanks()
      if take("}") { return true }
      while depth < deepest {
        skipBlanks()
        guard current == "\"", string() != nil else { return false }
        skipBlanks()
        guard take(":") else { return false }
        skipBlanks()
        guard skipValue(depth: depth + 1) else { return false }
        skipBlanks()
        if take("}") { return true }
        guard take(",") else { return false }
      }
      return false
    }

    mutating func skipWord() -> Bool {
      let start = position
      while let character = current,
        character.properties.isAlphabetic || "+-.0123456789".unicodeScalars.contains(character)
      {
        position += 1
      }
      let word = String(String.UnicodeScalarView(scalars[start..<position]))
      return ["true", "false", "null"].contains(word) || Double(word) != nil
    }

    mutating func string() -> String? {
      position += 1
      var result = String.UnicodeScalarView()
      while let character = current {
        position += 1
        if character == "\"" { return String(result) }
        if character.value < 0x20 { return nil }
        if character != "\\" {
          result.append(character)
        } else {
          guard let escaped = escaped() else { return nil }
          result.append(escaped)
        }
      }
      return nil
    }

    mutating func escaped() -> Unicode.Scalar? {
      guard let character = current else { return nil }
      position += 1
      switch character {
      case "\"", "\\", "/": return character
      case "b": return "\u{8}"
      case "f": return "\u{c}"
      case "n": return "\n"
      case "r": return "\r"
      case "t": return "\t"
      case "u": return unicodeEscape()
      default: return nil
      }
    }

    mutating func unicodeEscape() -> Unicode.Scalar? {
      guard let high = fourDigits() else { return nil }
      guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) ?? "\u{FFFD}" }
      let saved = position
      if take("\\"), take("u"), let low = fourDigits(), (0xDC00..<0xE000).contains(low) {
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
      }
      position = saved
      return "\u{FFFD}"
    }

    mutating func fourDigits() -> UInt32? {
      guard position + 4 <= scalars.count else { return nil }
      let digits = scalars[position..<position + 4]
      guard digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
      position += 4
      return UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
    }

    mutating func skipBlanks() {
      while let character = current, " \t\n\r".unicodeScalars.contains(character) { position += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard current == character else { return false }
      position += 1
      return true
    }
  }
}
