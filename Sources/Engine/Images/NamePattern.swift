import ImageNames

/// The `reference` filter: a shell pattern over familiar names, with or without their tag (Go's path.Match).
enum NamePattern {
  static func matches(_ pattern: String, _ name: String) -> Bool {
    // A name came from the store, so it parses.
    guard let reference = try? ImageReference.parse(name) else { return false }
    return glob(pattern, reference.familiar) || glob(pattern, reference.familiarName)
      || glob(pattern, reference.full)
      || glob(pattern, reference.fullName)
  }

  /// Whether every set in it ends, and something stands behind every backslash.
  static func isValid(_ pattern: String) -> Bool {
    var rest = Array(pattern)[...]
    while let first = rest.first {
      switch first {
      case "\\":
        guard rest.count > 1 else { return false }
        rest = rest.dropFirst(2)
      case "[":
        guard let (_, behind) = set(rest.dropFirst(), "x") else { return false }
        rest = behind
      default: rest = rest.dropFirst()
      }
    }
    return true
  }

  /// `*` and `?` stop at slashes; `[a-z]` and `[^a-z]` are sets; a backslash takes the next character as it is.
  static func glob(_ pattern: String, _ text: String) -> Bool { glob(Array(pattern)[...], Array(text)[...]) }

  private static func glob(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    switch first {
    case "*":
      var rest = text
      while true {
        if glob(pattern.dropFirst(), rest) { return true }
        guard let next = rest.first, next != "/" else { return false }
        rest = rest.dropFirst()
      }
    case "?":
      guard let next = text.first, next != "/" else { return false }
      return glob(pattern.dropFirst(), text.dropFirst())
    case "[":
      guard let next = text.first, let (holds, rest) = set(pattern.dropFirst(), next), holds else {
        return false
      }
      return glob(rest, text.dropFirst())
    case "\\":
      guard let literal = pattern.dropFirst().first, literal == text.first else { return false }
      return glob(pattern.dropFirst(2), text.dropFirst())
    default:
      guard first == text.first else { return false }
      return glob(pattern.dropFirst(), text.dropFirst())
    }
  }

  /// Whether the character is in the set, and what follows the set; nil when the set does not end.
  private static func set(_ pattern: ArraySlice<Character>, _ c: Character) -> (Bool, ArraySlice<Character>)?
  {
    var rest = pattern
    let negated = rest.first == "^"
    if negated { rest = rest.dropFirst() }
    var holds = false
    while let low = rest.popFirst() {
      if low == "]" { return (holds != negated, rest) }
      guard rest.first == "-", let high = rest.dropFirst().first, high != "]" else {
        holds = holds || low == c
        continue
      }
      rest = rest.dropFirst(2)
      holds = holds || (low <= c && c <= high)
    }
    return nil
  }
}
