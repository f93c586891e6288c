/// A comment behind an instruction on the same line.
///
/// Docker knows none: it refuses `FROM x # y` and `ENV A=b # c`, takes `WORKDIR /a # b` as one path and the words
/// behind `#` in COPY as more files, and runs a `CMD ["x"] # y` as shell text that fails at the start. People write
/// them all the same, so they are cut off here wherever an argument cannot well be meant, and reported. A comment
/// starts with a lone `#` between blanks; shell text keeps everything, for the shell has comments of its own.
enum TrailingComment {
  static func split(_ text: String, keyword: String, splitter: WordSplitter) -> (
    said: String, comment: String?
  ) {
    switch keyword {
    case "run", "cmd", "entrypoint", "shell": return behindArray(text)
    case "healthcheck":
      let (kind, command) = text.firstWordAndRest
      if kind.uppercased() == "NONE" { return behindWords(text, atLeast: 1) }
      let (said, comment) = behindArray(command)
      return comment == nil ? (text, nil) : ("\(kind) \(said)", comment)
    case "copy", "add":
      let (said, comment) = behindArray(text)
      if comment != nil || isArray(text) { return (said, comment) }
      return behindWords(text, atLeast: 2)
    case "volume":
      let (said, comment) = behindArray(text)
      if comment != nil || isArray(text) { return (said, comment) }
      return behindWords(text, atLeast: 1)
    case "env", "label":
      // The old form `ENV key value` takes the rest of the line as it is, a # included.
      guard splitter.words(text).first?.contains("=") == true else { return (text, nil) }
      return behindWords(text, atLeast: 1)
    case "arg": return behindWords(text, atLeast: 1)
    case "from", "expose", "workdir", "user", "stopsignal": return behindWords(text, atLeast: 1)
    default: return (text, nil)
    }
  }

  private static func isArray(_ text: String) -> Bool {
    if case .strings = JSONStrings.read(text) { return true }
    return false
  }

  private static func behindArray(_ text: String) -> (String, String?) {
    guard case .strings(_, let rest) = JSONStrings.read(text), rest.utf8.first == UInt8(ascii: "#") else {
      return (text, nil)
    }
    return (String(text.dropLast(rest.count)).trimmed, rest)
  }

  /// A lone `#` outside quotes, at the earliest behind so many words.
  private static func behindWords(_ text: String, atLeast count: Int) -> (String, String?) {
    var quote: Unicode.Scalar?
    var wordsBefore = 0
    let scalars = text.unicodeScalars
    var previous: Unicode.Scalar = " "
    for index in scalars.indices {
      let character = scalars[index]
      defer { previous = character }
      if let open = quote {
        if character == open { quote = nil }
        continue
      }
      if previous.isSpace, character == "#", wordsBefore >= count,
        scalars[index...].dropFirst().first?.isSpace ?? true
      {
        return (String(scalars[..<index]).trimmed, String(scalars[index...]))
      }
      if previous.isSpace && !character.isSpace { wordsBefore += 1 }
      if character == "'" || character == "\"" { quote = character }
    }
    return (text, nil)
  }
}
