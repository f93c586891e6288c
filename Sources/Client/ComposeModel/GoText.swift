import TextFormats
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
    let inner = GoQuote.text(text).dropFirst().dropLast()
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
}
