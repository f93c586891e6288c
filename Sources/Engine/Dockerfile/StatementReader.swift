/// Turns a joined line into a `Statement`: every keyword has its own shape of arguments.
struct StatementReader {
  let escape: Unicode.Scalar
  private var splitter: WordSplitter { WordSplitter(escape: escape) }

  init(escape: Unicode.Scalar) { self.escape = escape }

  func statement(_ line: String, lines: ClosedRange<Int>, depth: Int = 0) throws(Complaint) -> Statement {
    let (keyword, text) = line.firstWordAndRest
    let (flags, rest) = splitter.flags(text)
    var statement = Statement(
      keyword: keyword, flags: flags, arguments: [], isJSON: false, original: line.trimmed, lines: lines)
    let (said, comment) = TrailingComment.split(rest, keyword: statement.name, splitter: splitter)
    statement.trailingComment = comment
    switch statement.name {
    case "env", "label": statement.arguments = try pairs(said, keyword: keyword.uppercased())
    case "arg": statement.arguments = splitter.words(said)
    case "from", "expose": statement.arguments = said.words
    case "add", "copy", "volume": try readList(said, into: &statement)
    case "run", "cmd", "entrypoint", "shell": try readCommand(said, into: &statement)
    case "healthcheck":
      let (kind, command) = said.firstWordAndRest
      try readCommand(command, into: &statement)
      if !kind.isEmpty { statement.arguments.insert(kind, at: 0) }
    case "onbuild":
      guard !said.isEmpty else { break }
      // ONBUILD ONBUILD is refused later with docker's words; deeper nesting need not be read.
      guard depth < 2 else { throw Complaint("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed") }
      statement.trigger = [try self.statement(said, lines: lines, depth: depth + 1)]
    case "maintainer", "stopsignal", "user", "workdir":
      if !said.isEmpty { statement.arguments = [said] }
    default: break
    }
    return statement
  }

  private func readCommand(_ text: String, into statement: inout Statement) throws(Complaint) {
    guard !text.isEmpty else { return }
    if try !readStrings(text, into: &statement) { statement.arguments = [text] }
  }

  private func readList(_ text: String, into statement: inout Statement) throws(Complaint) {
    if try !readStrings(text, into: &statement) { statement.arguments = text.words }
  }

  private func readStrings(_ text: String, into statement: inout Statement) throws(Complaint) -> Bool {
    switch JSONStrings.read(text) {
    case .strings(let strings, rest: ""):
      statement.arguments = strings
      statement.isJSON = true
      return true
    case .otherValues:
      throw Complaint("when using JSON array syntax, arrays must be comprised of strings only")
    case .strings, .notJSON: return false
    }
  }

  /// `KEY=value …`, or the old `KEY all the rest`, told apart by the first word.
  private func pairs(_ text: String, keyword: String) throws(Complaint) -> [String] {
    let words = splitter.words(text)
    guard let first = words.first else { return [] }
    guard first.contains("=") else {
      let (key, value) = text.firstWordAndRest
      guard !value.isEmpty else { throw Complaint("\(keyword) must have two arguments") }
      return [key, value, ""]
    }
    var pairs: [String] = []
    for word in words {
      guard let (key, value) = word.keyAndValue else {
        throw Complaint("Syntax error - can't find = in \"\(word)\". Must be of the form: name=value")
      }
      pairs += [key, value, "="]
    }
    return pairs
  }
}
