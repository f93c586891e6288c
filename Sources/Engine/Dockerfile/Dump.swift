extension Dockerfile {
  /// The statements as s-expressions, one a line, in the form that BuildKit's parser fixtures have.
  public static func dump(_ text: String) throws(DockerfileError) -> String {
    try statements(text).statements.map { "(\(dump($0)))" }.joined(separator: "\n")
  }

  private static func dump(_ statement: Statement) -> String {
    var text = statement.name
    if !statement.flags.isEmpty { text += " [" + statement.flags.map(quoted).joined(separator: " ") + "]" }
    for trigger in statement.trigger { text += " (\(dump(trigger)))" }
    for argument in statement.arguments { text += " " + quoted(argument) }
    return text
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\0"..<" ":
        result +=
          character.value < 16
          ? "\\x0" + String(character.value, radix: 16) : "\\x" + String(character.value, radix: 16)
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }
}
