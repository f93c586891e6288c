/// `$name` and `${name…}`.
extension ShellScanner {
  mutating func variable(_ lookup: Lookup) throws(Failure) -> String {
    position += 1
    guard current == "{" else {
      let name = name()
      if name.isEmpty { return "$" }
      return lookup(name) ?? (options.keepsUnset ? "$\(name)" : "")
    }
    position += 1
    switch current {
    case nil: throw Failure(description: "syntax error: missing '}'")
    case "{", "}", ":": throw Failure(description: "syntax error: bad substitution")
    default: break
    }
    let name = name()
    guard let modifier = take() else { throw Failure(description: "syntax error: missing '}'") }
    switch modifier {
    case "}": return lookup(name) ?? (options.keepsUnset ? "${\(name)}" : "")
    case ":":
      guard let kind = take() else { throw Failure(description: "syntax error: missing '}'") }
      guard kind == "-" || kind == "+" || kind == "?" else { throw unsupported(":\(kind)") }
      return try chosen(name, kind, emptyIsUnset: true, lookup)
    case "-", "+", "?": return try chosen(name, modifier, emptyIsUnset: false, lookup)
    case "#", "%": return try trimmed(name, modifier, lookup)
    case "/": return try replaced(name, lookup)
    default: throw unsupported(String(modifier))
    }
  }

  private func unsupported(_ modifier: String) -> Failure {
    Failure(description: "unsupported modifier (\(modifier)) in substitution")
  }

  private mutating func chosen(_ name: String, _ kind: Unicode.Scalar, emptyIsUnset: Bool, _ lookup: Lookup)
    throws(Failure) -> String
  {
    let word = try nested(until: "}", keepingEscapes: false, missing: "syntax error: missing '}'", lookup)
    let value = lookup(name)
    if value == nil, options.keepsUnset { return "${\(name)\(emptyIsUnset ? ":" : "")\(kind)\(word)}" }
    let usable = emptyIsUnset && value == "" ? nil : value
    switch kind {
    case "-": return usable ?? word
    case "+": return usable == nil ? "" : word
    default:
      if let usable { return usable }
      let reason = value == nil ? "is not allowed to be unset" : "is not allowed to be empty"
      throw Failure(description: "\(name): \(word.isEmpty ? reason : word)")
    }
  }

  private mutating func trimmed(_ name: String, _ side: Unicode.Scalar, _ lookup: Lookup) throws(Failure)
    -> String
  {
    var word = try nested(until: "}", keepingEscapes: true, missing: "syntax error: missing '}'", lookup)
    guard let value = lookup(name) else { return options.keepsUnset ? "${\(name)\(side)\(word)}" : "" }
    let longest = word.unicodeScalars.first == side
    if longest { word.unicodeScalars.removeFirst() }
    let pattern = try ShellPattern(word)
    return side == "#"
      ? pattern.removePrefix(of: value, longest: longest) : pattern.removeSuffix(of: value, longest: longest)
  }

  private mutating func replaced(_ name: String, _ lookup: Lookup) throws(Failure) -> String {
    let everywhere = current == "/"
    if everywhere { position += 1 }
    let word = try nested(
      until: "/", keepingEscapes: true, missing: "syntax error: missing '/' in ${}", lookup)
    let replacement = try nested(
      until: "}", keepingEscapes: true, missing: "syntax error: missing '}'", lookup)
    guard let value = lookup(name) else {
      return options.keepsUnset ? "${\(name)/\(word)/\(replacement)}" : ""
    }
    return try ShellPattern(word).replace(in: value, with: replacement, everywhere: everywhere)
  }

  /// Letters, digits and `_`; digits alone; or one of the shell's special parameters.
  private mutating func name() -> String {
    let start = position
    guard let first = current else { return "" }
    if first.properties.numericType == .decimal {
      while current?.properties.numericType == .decimal { position += 1 }
    } else if "@*#?-$!0".unicodeScalars.contains(first) {
      position += 1
    } else {
      while let character = current,
        character == "_" || character.properties.isAlphabetic || character.properties.numericType == .decimal
      {
        position += 1
      }
    }
    return String(String.UnicodeScalarView(scalars[start..<position]))
  }
}
