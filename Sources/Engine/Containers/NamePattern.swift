/// The `name` filter: docker matches it as a regular expression; it is nearly always a plain part of a name,
/// anchored with `^` and `$` by scripts.
struct NamePattern {
  private let expression: Regex<AnyRegexOutput>?
  private let text: String

  init(_ text: String) {
    self.text = text
    let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "-_/".contains($0) }
    // What is no regular expression is looked for as it stands.
    expression = isPlain || text.utf8.count > 256 ? nil : try? Regex(text)
  }

  /// Whether it matches the name with or without its slash.
  func matches(_ name: String) -> Bool {
    guard let expression else { return name.contains(text) }
    return name.contains(expression) || name.dropFirst().contains(expression)
  }
}
