/// Texts as Go's `strconv.Quote` writes them.
public enum GoQuote {
  /// In quotation marks; a mark, a backslash and what cannot be seen stand there escaped.
  public static func text(_ text: String) -> String {
    "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\u{07}": "\\a"
    case "\u{08}": "\\b"
    case "\u{0B}": "\\v"
    case "\u{0C}": "\\f"
    case _ where scalar.value < 32 || scalar.value == 127: "\\x" + hex(scalar.value, 2)
    case _ where isPrintable(scalar): String(scalar)
    case _ where scalar.value < 0x10000: "\\u" + hex(scalar.value, 4)
    default: "\\U" + hex(scalar.value, 8)
    }
  }

  /// Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, and of the spaces ASCII's alone.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return true }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      false
    default: true
    }
  }

  private static func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
