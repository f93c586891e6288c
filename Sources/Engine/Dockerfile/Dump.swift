import TextFormats

extension Dockerfile {
  /// The statements as s-expressions, one a line, in the form that BuildKit's parser fixtures have.
  public static func dump(_ text: String) throws(DockerfileError) -> String {
    try statements(text).statements.map { "(\(dump($0)))" }.joined(separator: "\n")
  }

  private static func dump(_ statement: Statement) -> String {
    var text = statement.name
    if !statement.flags.isEmpty {
      text += " [" + statement.flags.map(GoQuote.text).joined(separator: " ") + "]"
    }
    for trigger in statement.trigger { text += " (\(dump(trigger)))" }
    for argument in statement.arguments { text += " " + GoQuote.text(argument) }
    return text
  }
}
