import Linux

/// Colours, for terminals whose owner did not say NO_COLOR.
public enum Colour: Int, Sendable, CaseIterable {
  case red = 31
  case green = 32
  case yellow = 33
  case blue = 34
  case magenta = 35
  case cyan = 36

  /// Whether colours suit a stream.
  public static func suit(_ stream: StandardStream) -> Bool {
    stream.isTerminal && (Environment.value("NO_COLOR") ?? "").isEmpty && Environment.value("TERM") != "dumb"
  }

  /// The text as it suits a stream: engines paint what build steps write to standard error.
  public static func text(_ text: String, for stream: StandardStream) -> String {
    guard text.contains("\u{1B}[91m"), !suit(stream) else { return text }
    return text.replacing("\u{1B}[91m", with: "").replacing("\u{1B}[0m", with: "")
  }

  /// The text in this colour.
  public func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
