import TextFormats

/// Reads `.env` files and `env_file`s: `KEY=value` lines, quotes, comments, variables, and bare keys that take their
/// value from outside.
struct EnvFileParser {
  private var text: ArraySlice<Unicode.Scalar>
  private var line = 1
  /// What the file defined, after what stood before.
  private(set) var values: [String: String]
  private let lookup: (String) -> String?
  private let unset: (String) -> Void

  /// Parses `bytes`; `values` are those of the files before, `lookup` goes before them in filling variables.
  static func parse(
    _ bytes: [UInt8], into values: inout [String: String], unset: @escaping (String) -> Void = { _ in },
    lookup: @escaping (String) -> String?
  ) throws(ComposeError) {
    var parser = EnvFileParser(bytes, values, unset, lookup)
    try parser.parse()
    values = parser.values
  }

  private init(
    _ bytes: [UInt8], _ values: [String: String], _ unset: @escaping (String) -> Void,
    _ lookup: @escaping (String) -> String?
  ) {
    var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    text = scalars[...]
    self.values = values
    self.lookup = lookup
    self.unset = unset
  }

  private mutating func parse() throws(ComposeError) {
    while skipToStatement() {
      let (key, inherited) = try takeKey()
      guard !key.contains(" ") else { throw ComposeError("line \(line): key cannot contain a space") }
      if inherited {
        if let value = lookup(key) { values[key] = value }
      } else {
        values[key] = try takeValue()
      }
    }
  }

  /// Passes blank lines and comments; false at the end.
  private mutating func skipToStatement() -> Bool {
    while let next = text.first {
      if next == "#" {
        text = text.drop { $0 != "\n" }
      } else if next.properties.isWhitespace {
        if next == "\n" { line += 1 }
        text = text.dropFirst()
      } else {
        return true
      }
    }
    return false
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar != "\n" && scalar.properties.isWhitespace
  }

  private mutating func takeKey() throws(ComposeError) -> (key: String, inherited: Bool) {
    if EnvFileParser.string(text.prefix(6)) == "export",
      text.dropFirst(6).first.map({ $0.properties.isWhitespace }) == true
    {
      text = text.dropFirst(6).drop(while: Self.isBlank)
    }
    let statement = text
    var end = text.startIndex
    while end < text.endIndex {
      let scalar = text[end]
      if scalar == "=" || scalar == ":" || scalar == "\n" { break }
      guard Self.isBlank(scalar) || Self.isKeyCharacter(scalar) else {
        let whole = EnvFileParser.string(statement.prefix { $0 != "\n" })
        throw ComposeError(
          "line \(line): unexpected character \(GoQuote.text(String(Character(scalar)))) in variable name "
            + GoQuote.text(whole))
      }
      end += 1
    }
    guard end < text.endIndex else {
      // A bare key in a last line without line break is no key at all to docker compose.
      let key = EnvFileParser.string(text)
      text = []
      return (EnvFileParser.trimmed(key), true)
    }
    let inherited = text[end] == "\n"
    let key = EnvFileParser.string(text[..<end])
    if inherited, !key.contains(" ") { line += 1 }
    text = text[(end + 1)...].drop(while: Self.isBlank)
    return (EnvFileParser.trimmed(key), inherited)
  }

  private static func isKeyCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "_", ".", "-", "[", "]": true
    default: scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static func trimmed(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)[...]
    while scalars.last.map({ $0.properties.isWhitespace }) == true { scalars.removeLast() }
    return string(scalars)
  }

  private mutating func takeValue() throws(ComposeError) -> String {
    guard let quote = text.first, quote == "\"" || quote == "'" else {
      let raw = EnvFileParser.string(text.prefix { $0 != "\n" })
      text = text.drop { $0 != "\n" }.dropFirst()
      line += 1
      let value = raw.firstRange(of: " #").map { String(raw[..<$0.lowerBound]) } ?? raw
      return try fill(EnvFileParser.trimmed(value))
    }
    let start = text
    text = text.dropFirst()
    var value = String.UnicodeScalarView()
    var escaped = false
    while let scalar = text.popFirst() {
      if scalar == "\n" { line += 1 }
      if scalar == quote {
        guard escaped else {
          return quote == "\"" ? try fill(EnvFileParser.unescaped(String(value))) : String(value)
        }
        escaped = false
        value.append(scalar)
      } else if !escaped, scalar == "\\" {
        escaped = true
      } else {
        if escaped { value.append("\\") }
        escaped = false
        value.append(scalar)
      }
    }
    let shown = EnvFileParser.string(start.prefix { $0 != "\n" })
    throw ComposeError("line \(line): unterminated quoted value \(shown)")
  }

  private func fill(_ value: String) throws(ComposeError) -> String {
    let interpolation = Interpolation(lookup: { lookup($0) ?? values[$0] }, unset: unset)
    do { return try interpolation.fill(value) } catch {
      switch error {
      case .invalid: throw ComposeError("Invalid template: \(GoQuote.text(value))")
      case .missing(let variable, let reason):
        throw ComposeError(
          "required variable \(variable) is missing a value" + (reason.isEmpty ? "" : ": \(reason)"))
      }
    }
  }

  /// Go's escapes a b c f n r t v, octal ones, and `\$` for a dollar sign that begins no variable.
  private static func unescaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let letter = rest.first else {
        result.append(scalar)
        continue
      }
      let simple: [Unicode.Scalar: String] = [
        "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{B}", "$": "$$",
        "\"": "\"", "\\": "\\",
      ]
      if let replacement = simple[letter] {
        rest.removeFirst()
        result.append(contentsOf: replacement.unicodeScalars)
      } else if letter == "0" {
        let digits = rest.dropFirst().prefix(3).prefix { $0 >= "0" && $0 <= "7" }
        if digits.count == 3, let code = UInt8(string(digits), radix: 8) {
          rest = rest.dropFirst(4)
          result.append(Unicode.Scalar(code))
        } else {
          result.append(scalar)
        }
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
