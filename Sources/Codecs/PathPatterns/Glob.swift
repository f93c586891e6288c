/// A pattern that no name can be held against.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
  public let pattern: String
  public let reason: String

  public var description: String { reason }
}

/// One file name pattern: `*` and `?` stop at a slash, `[a-z]` and `[^a-z]` are one character, `\` takes the next
/// character as it is. Where `**` is allowed it stands for any number of directories.
///
/// Matching takes time proportional to pattern times name, whatever the pattern.
public struct Glob: Hashable, Sendable {
  /// Whose rules hold: Go's `filepath.Match`, or moby's patternmatcher with `**`.
  public enum Dialect: Sendable { case name, ignoreFile }

  public let text: String
  private let tokens: [Token]

  /// Throws `syntax error in pattern` for an unclosed class or a lone `\` at the end.
  public init(_ text: String, _ dialect: Dialect = .name) throws(PatternError) {
    self.text = text
    var reader = GlobReader(text)
    tokens = try reader.tokens(dialect)
  }

  /// Whether the pattern covers the whole of `name`.
  public func matches(_ name: String) -> Bool {
    matches(Array(name.unicodeScalars))
  }

  /// Whether text means more than itself.
  public static func containsWildcards(_ text: String) -> Bool {
    var escaped = false
    for character in text.unicodeScalars {
      if escaped {
        escaped = false
      } else if character == "\\" {
        escaped = true
      } else if character == "*" || character == "?" || character == "[" {
        return true
      }
    }
    return false
  }

  /// Follows every way through the tokens at once: `states[i]` says that the first i tokens may be behind us.
  private func matches(_ name: [Unicode.Scalar]) -> Bool {
    var states = [Bool](repeating: false, count: tokens.count + 1)
    states[0] = true
    skipOptional(&states)
    for character in name {
      var next = [Bool](repeating: false, count: tokens.count + 1)
      for (index, token) in tokens.enumerated() where states[index] {
        step(token, at: index, on: character, into: &next)
      }
      states = next
      skipOptional(&states)
    }
    return states[tokens.count]
  }

  private func step(_ token: Token, at index: Int, on character: Unicode.Scalar, into next: inout [Bool]) {
    switch token {
    case .character(let wanted): if wanted == character { next[index + 1] = true }
    case .oneInElement: if character != "/" { next[index + 1] = true }
    case .anyInElement: if character != "/" { next[index] = true }
    case .anything: next[index] = true
    case .directories:
      next[index + 1] = true
      if character == "/" { next[index + 2] = true }
    case .insideDirectories:
      next[index] = true
      if character == "/" { next[index + 1] = true }
    case .oneOf(let negated, let ranges):
      if ranges.contains(where: { $0.contains(character) }) != negated { next[index + 1] = true }
    }
  }

  /// Tokens that may stand for nothing let the state behind them live as well.
  private func skipOptional(_ states: inout [Bool]) {
    for (index, token) in tokens.enumerated() where states[index] {
      switch token {
      case .anyInElement, .anything: states[index + 1] = true
      case .directories: states[index + 2] = true
      default: break
      }
    }
  }

  enum Token: Hashable, Sendable {
    case character(Unicode.Scalar)
    case oneInElement, anyInElement
    /// Nothing, or anything up to and including a slash; always followed by `insideDirectories`.
    case directories
    /// The rest of `directories` once it began.
    case insideDirectories
    case anything
    case oneOf(negated: Bool, [ClosedRange<Unicode.Scalar>])
  }
}
