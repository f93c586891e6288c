/// Reads one text left to right for `ShellExpansion`.
struct ShellScanner {
  typealias Failure = ShellExpansion.Failure
  typealias Lookup = ShellExpansion.Lookup

  let options: ShellExpansion
  let scalars: [Unicode.Scalar]
  var keepsEscapes: Bool
  var position = 0
  /// `${a:-${b:-…}}` may nest so deep.
  private var depth = 0

  init(options: ShellExpansion, scalars: [Unicode.Scalar], keepsEscapes: Bool) {
    self.options = options
    self.scalars = scalars
    self.keepsEscapes = keepsEscapes
  }

  var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  mutating func take() -> Unicode.Scalar? {
    guard let character = current else { return nil }
    position += 1
    return character
  }

  /// Up to the end, or up to `stop`, which is taken.
  mutating func scan(until stop: Unicode.Scalar?, _ lookup: Lookup) throws(Failure) -> (
    text: String, words: [String]
  ) {
    var text = String.UnicodeScalarView()
    var words = WordCollector()
    while let character = current {
      if character == stop {
        position += 1
        words.finish()
        return (String(text), words.words)
      }
      switch character {
      case "$":
        let value = try variable(lookup)
        text.append(contentsOf: value.unicodeScalars)
        for scalar in value.unicodeScalars { words.add(scalar) }
      case "'" where !options.ignoresQuotes:
        let quoted = try singleQuoted()
        text.append(contentsOf: quoted)
        words.addLiterally(quoted)
      case "\"" where !options.ignoresQuotes:
        let quoted = try doubleQuoted(lookup)
        text.append(contentsOf: quoted)
        words.addLiterally(quoted)
      case "<":
        let redirection = possibleHeredoc()
        text.append(contentsOf: redirection)
        words.addLiterally(redirection)
      case options.escape:
        position += 1
        if keepsEscapes {
          text.append(character)
          words.addLiterally([character])
        }
        guard let escaped = take() else { break }
        text.append(escaped)
        words.addLiterally([escaped])
      default:
        position += 1
        text.append(character)
        words.add(character)
      }
    }
    if let stop {
      throw Failure(description: "unexpected end of statement while looking for matching \(stop)")
    }
    words.finish()
    return (String(text), words.words)
  }

  private mutating func singleQuoted() throws(Failure) -> [Unicode.Scalar] {
    position += 1
    var result: [Unicode.Scalar] = options.keepsQuotes ? ["'"] : []
    while let character = take() {
      if character == "'" { return result + (options.keepsQuotes ? ["'"] : []) }
      result.append(character)
    }
    throw Failure(description: "unexpected end of statement while looking for matching single-quote")
  }

  private mutating func doubleQuoted(_ lookup: Lookup) throws(Failure) -> [Unicode.Scalar] {
    position += 1
    var result: [Unicode.Scalar] = options.keepsQuotes ? ["\""] : []
    while let character = current {
      if character == "\"" {
        position += 1
        return result + (options.keepsQuotes ? ["\""] : [])
      }
      if character == "$" {
        result += Array(try variable(lookup).unicodeScalars)
        continue
      }
      position += 1
      guard character == options.escape else {
        result.append(character)
        continue
      }
      if keepsEscapes { result.append(character) }
      guard let following = current else { continue }
      // Only these can be escaped inside double quotes; elsewhere the escape character stands for itself.
      if following == "\"" || following == "$" || following == options.escape {
        position += 1
        result.append(following)
      } else {
        result.append(character)
      }
    }
    throw Failure(description: "unexpected end of statement while looking for matching double-quote")
  }

  /// `<<` and the blanks behind it belong to one word, so that `<< EOF` is found again as one.
  private mutating func possibleHeredoc() -> [Unicode.Scalar] {
    position += 1
    guard current == "<" else { return ["<"] }
    position += 1
    var result: [Unicode.Scalar] = ["<", "<"]
    while let character = current, character == " " || character == "\t" || character == "\r" {
      position += 1
      result.append(character)
    }
    return result
  }

  mutating func nested(until stop: Unicode.Scalar, keepingEscapes: Bool, missing: String, _ lookup: Lookup)
    throws(Failure) -> String
  {
    guard depth < 64 else { throw Failure(description: "syntax error: substitutions nested too deeply") }
    depth += 1
    let saved = keepsEscapes
    keepsEscapes = keepingEscapes
    defer {
      keepsEscapes = saved
      depth -= 1
    }
    do throws(Failure) { return try scan(until: stop, lookup).text } catch {
      if current == nil { throw Failure(description: missing) }
      throw error
    }
  }
}
