/// The escapes of Go's text/template: `html`, `js` and `urlquery`.
public enum TemplateEscapes {
  static func html(_ text: String) -> String {
    mapped(text) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&#34;"
      case "'": "&#39;"
      case "\0": "\u{FFFD}"
      default: nil
      }
    }
  }

  static func js(_ text: String) -> String {
    mapped(text) { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "'": "\\'"
      case "\"": "\\\""
      case "<", ">", "&", "=": "\\u00" + hex(scalar.value)
      case _ where scalar.value < 32: "\\u00" + hex(scalar.value)
      default: nil
      }
    }
  }

  /// For a query: letters, digits and `-._~` as they are, spaces as `+`, other bytes as `%2C`.
  public static func urlQuery(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        String(UnicodeScalar(byte))
      case 0x20: "+"
      default: "%" + hex(UInt32(byte))
      }
    }.joined()
  }

  private static func mapped(_ text: String, _ escape: (Unicode.Scalar) -> String?) -> String {
    text.unicodeScalars.map { escape($0) ?? String($0) }.joined()
  }

  private static func hex(_ number: UInt32) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return digits.count < 2 ? "0\(digits)" : digits
  }
}
