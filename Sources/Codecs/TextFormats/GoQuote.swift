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
    case _ where scalar.properties.generalCategory == .control: "\\u" + hex(scalar.value, 4)
    default: String(scalar)
    }
  }

  private static func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
