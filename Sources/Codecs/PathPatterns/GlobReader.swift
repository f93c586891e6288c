/// Reads a pattern's text into tokens.
struct GlobReader {
  private let text: String
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) {
    self.text = text
    scalars = Array(text.unicodeScalars)
  }

  private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }
  private var malformed: PatternError { PatternError(pattern: text, reason: "syntax error in pattern") }

  mutating func tokens(_ dialect: Glob.Dialect) throws(PatternError) -> [Glob.Token] {
    var tokens: [Glob.Token] = []
    while let character = current {
      position += 1
      switch character {
      case "*" where dialect == .ignoreFile && current == "*":
        tokens += doubleStar(opensPattern: position == 1)
      case "*": if tokens.last != .anyInElement { tokens.append(.anyInElement) }
      case "?": tokens.append(.oneInElement)
      case "[": tokens.append(try characterClass())
      case "\\": tokens.append(.character(try escaped()))
      default: tokens.append(.character(character))
      }
    }
    return tokens
  }

  /// `**`, with the slash that may follow it: everything at the end of the pattern, any number of directories
  /// elsewhere. `**name` without a slash at the very front covers any path that ends so, as moby has it.
  private mutating func doubleStar(opensPattern: Bool) -> [Glob.Token] {
    position += 1
    let slashFollows = current == "/"
    if slashFollows { position += 1 }
    if current == nil { return [.anything] }
    if opensPattern && !slashFollows
      && !scalars[position...].contains(where: { "*?[\\".unicodeScalars.contains($0) })
    {
      return [.anything]
    }
    return [.directories, .insideDirectories]
  }

  private mutating func escaped() throws(PatternError) -> Unicode.Scalar {
    guard let character = current else { throw malformed }
    position += 1
    return character
  }

  private mutating func characterClass() throws(PatternError) -> Glob.Token {
    var negated = false
    if current == "^" {
      negated = true
      position += 1
    }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while current != "]" || ranges.isEmpty {
      let low = try classMember()
      var high = low
      if current == "-" {
        position += 1
        high = try classMember()
      }
      // An empty range such as z-a holds nothing but still counts as a member.
      ranges.append(low <= high ? low...high : "\u{10FFFF}"..."\u{10FFFF}")
    }
    position += 1
    return .oneOf(negated: negated, ranges)
  }

  private mutating func classMember() throws(PatternError) -> Unicode.Scalar {
    guard let character = current, character != "-", character != "]" else { throw malformed }
    position += 1
    return character == "\\" ? try escaped() : character
  }
}
