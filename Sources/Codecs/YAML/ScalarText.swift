/// How a text may be written as a scalar, by libyaml's analysis.
struct ScalarText {
  private let text: String
  private var multiline = false
  private var plainAllowed = true
  private var singleQuotedAllowed = true
  private var blockAllowed = true

  init(_ text: String) {
    self.text = text
    analyze(Array(text.unicodeScalars))
    if !ScalarText.readsAsText(text) {
      plainAllowed = false
      singleQuotedAllowed = false
    }
  }

  /// Whether the text fits behind no `?`: one line, at most 128 bytes.
  var isSimpleKey: Bool { !multiline && text.utf8.count <= 128 }

  var inKey: String { multiline ? doubleQuoted : value(at: 0) }

  func value(at column: Int) -> String {
    if text.utf8.contains(10) { return blockAllowed ? literal(indent: column + 2) : doubleQuoted }
    if plainAllowed { return text }
    return singleQuotedAllowed
      ? "'"
        + text.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "''") + "'" : doubleQuoted
  }

  /// Whether the plain text would be read back as a string, by YAML 1.1's readers too.
  private static func readsAsText(_ text: String) -> Bool {
    guard case .string = ScalarValue(plain: text) else { return text == "<<" }
    switch text {
    case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
      return false
    default: return !isBase60(text) && !isTimestamp(text)
    }
  }

  /// Matches `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
  private static func isBase60(_ text: String) -> Bool {
    guard text.utf8.contains(UInt8(ascii: ":")) else { return false }
    var rest = Substring(text)
    if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
    let pieces = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard let first = pieces.first, first.first.map(isDigit) == true,
      first.allSatisfy({ isDigit($0) || $0 == "_" })
    else { return false }
    for (place, piece) in pieces.enumerated().dropFirst() {
      var digits = piece
      if place == pieces.count - 1, let point = piece.firstIndex(of: ".") {
        guard piece[point...].dropFirst().allSatisfy({ isDigit($0) || $0 == "_" }) else { return false }
        digits = piece[..<point]
      }
      guard (1...2).contains(digits.count), digits.allSatisfy(isDigit), let value = Int(digits), value < 60
      else { return false }
    }
    return pieces.count > 1
  }

  private static func isDigit(_ character: Character) -> Bool { character >= "0" && character <= "9" }

  /// Whether go-yaml would read a date: `2001-01-01`, perhaps with a time of day.
  private static func isTimestamp(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 8, bytes[4] == UInt8(ascii: "-"), bytes[..<4].allSatisfy({ $0 >= 48 && $0 <= 57 })
    else { return false }
    let day = text.prefix { !"Tt ".contains($0) }
    let parts = day.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1...].allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy(isDigit) }),
      let month = Int(parts[1]), let date = Int(parts[2]), (1...12).contains(month), (1...31).contains(date)
    else { return false }
    if day.count == text.count { return parts[1].count == 2 && parts[2].count == 2 }
    let clock = text.dropFirst(day.count + 1).prefix { !"Zz+-. ".contains($0) }.split(separator: ":")
    return clock.count == 3 && clock.allSatisfy { $0.allSatisfy(isDigit) && $0.count <= 2 }
  }

  private mutating func analyze(_ scalars: [Unicode.Scalar]) {
    guard !scalars.isEmpty else {
      blockAllowed = false
      return
    }
    var plain = !(text.hasPrefix("---") || text.hasPrefix("..."))
    var breakThenSpace = false
    var spaceThenBreak = false
    var special = false
    var tabs = false
    var previous: Unicode.Scalar?
    for (place, scalar) in scalars.enumerated() {
      let next = place + 1 < scalars.count ? scalars[place + 1] : nil
      let beforeBlank = next.map(ScalarText.isBlank) ?? true
      switch scalar {
      case "#" where place == 0 || previous.map(ScalarText.isBlankOrBreak) == true: plain = false
      case ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`":
        if place == 0 { plain = false }
      case "?", "-": if place == 0, beforeBlank { plain = false }
      case ":": if beforeBlank { plain = false }
      default: break
      }
      if scalar == "\t" { tabs = true } else if !ScalarText.isPrintable(scalar) { special = true }
      if scalar == " ", previous.map(ScalarText.isBreak) == true { breakThenSpace = true }
      if ScalarText.isBreak(scalar) {
        multiline = true
        if previous == " " { spaceThenBreak = true }
      }
      previous = scalar
    }
    let edges = [scalars[0], scalars[scalars.count - 1]]
    if edges.contains(where: { $0 == " " || ScalarText.isBreak($0) }) { plain = false }
    plainAllowed = plain && !multiline && !tabs && !special
    singleQuotedAllowed = !breakThenSpace && !spaceThenBreak && !tabs && !special
    // A block that begins with a tab could not be read back.
    blockAllowed = scalars[scalars.count - 1] != " " && scalars[0] != "\t" && !spaceThenBreak && !special
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }
  private static func isBlankOrBreak(_ scalar: Unicode.Scalar) -> Bool { isBlank(scalar) || isBreak(scalar) }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
    default: false
    }
  }

  private func literal(indent: Int) -> String {
    var header = "|"
    if text.first == " " || text.first == "\n" { header += "2" }
    if !text.hasSuffix("\n") {
      header += "-"
    } else if text == "\n" || text.hasSuffix("\n\n") {
      header += "+"
    }
    let margin = String(repeating: " ", count: indent)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return header + lines.map { $0.isEmpty ? "\n" : "\n\(margin)\($0)" }.joined()
  }

  private var doubleQuoted: String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\0": result += "\\0"
      case "\u{7}": result += "\\a"
      case "\u{8}": result += "\\b"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\u{B}": result += "\\v"
      case "\u{C}": result += "\\f"
      case "\r": result += "\\r"
      case "\u{1B}": result += "\\e"
      case "\u{85}": result += "\\N"
      case "\u{2028}": result += "\\L"
      case "\u{2029}": result += "\\P"
      case _ where ScalarText.isPrintable(scalar): result.unicodeScalars.append(scalar)
      default: result += ScalarText.escape(scalar.value)
      }
    }
    return result + "\""
  }

  private static func escape(_ value: UInt32) -> String {
    let (letter, width) = value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
    let digits = String(value, radix: 16, uppercase: true)
    return "\\\(letter)\(String(repeating: "0", count: max(0, width - digits.count)))\(digits)"
  }
}
