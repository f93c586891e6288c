import YAML

/// Texts as Go's formatting makes them, because users compare them with docker compose's.
enum GoText {
  static func number(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
    return GoNumber.shortest(number, exponentFrom: 21)
  }

  /// In single quotes, with Go's escapes otherwise.
  static func singleQuoted(_ text: String) -> String {
    let inner = quoted(text).dropFirst().dropLast()
    var result = "'"
    var escaped = false
    for character in inner {
      if escaped {
        result += character == "\"" ? "\"" : "\\\(character)"
        escaped = false
      } else if character == "\\" {
        escaped = true
      } else {
        result += character == "'" ? "\\'" : String(character)
      }
    }
    return result + "'"
  }

  /// As `%q`: in double quotes, with Go's escapes.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
