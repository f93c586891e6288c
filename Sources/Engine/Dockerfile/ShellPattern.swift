/// The pattern of `${v#p}`, `${v%p}` and `${v/p/r}`: `*` is anything, `?` one character, `\` escapes those two and
/// itself.
struct ShellPattern {
  private enum Token: Equatable { case character(Unicode.Scalar), one, any }
  private let tokens: [Token]

  init(_ text: String) throws(ShellExpansion.Failure) {
    let scalars = Array(text.unicodeScalars)
    var tokens: [Token] = []
    var position = 0
    while position < scalars.count {
      let character = scalars[position]
      position += 1
      switch character {
      case "*": if tokens.last != .any { tokens.append(.any) }
      case "?": tokens.append(.one)
      case "\\":
        guard position < scalars.count else { throw Self.invalid(text, "") }
        let escaped = scalars[position]
        position += 1
        // The brace and the slash are escaped for the substitution around the pattern.
        guard "*?\\}/".unicodeScalars.contains(escaped) else { throw Self.invalid(text, String(escaped)) }
        tokens.append(.character(escaped))
      default: tokens.append(.character(character))
      }
    }
    self.tokens = tokens
  }

  private init(tokens: [Token]) { self.tokens = tokens }

  private static func invalid(_ pattern: String, _ escaped: String) -> ShellExpansion.Failure {
    .init(description: "invalid pattern (\(pattern)) in substitution: invalid escape '\\\(escaped)'")
  }

  func removePrefix(of value: String, longest: Bool) -> String {
    let scalars = Array(value.unicodeScalars)
    guard let length = prefix(of: scalars[...], longest: longest) else { return value }
    return String(String.UnicodeScalarView(scalars[length...]))
  }

  func removeSuffix(of value: String, longest: Bool) -> String {
    let backwards = Array(value.unicodeScalars.reversed())
    guard let length = ShellPattern(tokens: tokens.reversed()).prefix(of: backwards[...], longest: longest)
    else { return value }
    return String(String.UnicodeScalarView(backwards[length...].reversed()))
  }

  func replace(in value: String, with replacement: String, everywhere: Bool) -> String {
    let scalars = Array(value.unicodeScalars)
    var result = String.UnicodeScalarView()
    var position = 0
    while position < scalars.count {
      guard let length = prefix(of: scalars[position...], longest: true), length > 0 else {
        result.append(scalars[position])
        position += 1
        continue
      }
      result.append(contentsOf: replacement.unicodeScalars)
      position += length
      if !everywhere { break }
    }
    result.append(contentsOf: scalars[position...])
    return String(result)
  }

  /// The length of the shortest or longest beginning of `text` that the pattern covers.
  private func prefix(of text: ArraySlice<Unicode.Scalar>, longest: Bool) -> Int? {
    var states: Set<Int> = closure([0])
    var found = states.contains(tokens.count) ? 0 : nil
    if found != nil && !longest { return found }
    for (offset, character) in text.enumerated() {
      var next: Set<Int> = []
      for state in states where state < tokens.count {
        switch tokens[state] {
        case .any: next.insert(state)
        case .one: next.insert(state + 1)
        case .character(let wanted): if wanted == character { next.insert(state + 1) }
        }
      }
      states = closure(next)
      if states.isEmpty { break }
      if states.contains(tokens.count) {
        found = offset + 1
        if !longest { return found }
      }
    }
    return found
  }

  private func closure(_ states: Set<Int>) -> Set<Int> {
    var all = states
    for state in states.sorted() where state < tokens.count && tokens[state] == .any { all.insert(state + 1) }
    return all
  }
}
