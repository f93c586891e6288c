/// A Dockerfile's lines joined over their continuations, without comments.
struct LogicalLines {
  struct Line {
    let text: String
    let start: Int
    let end: Int
    /// A line of the continuation was empty, which docker says it will refuse one day.
    let holdsEmptyContinuation: Bool
  }

  /// A physical line longer than this is refused, as docker does (bytes).
  static let longestLine = 65535

  private let lines: [[Unicode.Scalar]]
  private var next = 0
  private var directives = Directives()
  var escape: Unicode.Scalar { directives.escape }
  /// The number of the last line that was read, from 1.
  var lastLine: Int { next }

  init(_ text: String) {
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    var lines = scalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    if lines.last?.isEmpty == true { lines.removeLast() }
    self.lines = lines
  }

  /// The next line that says something, or nil at the end.
  mutating func read() throws(DockerfileError) -> Line? {
    while let first = try nextPhysical() {
      let opening = Array(first.drop(while: \.isSpace))
      do { try directives.see(opening) } catch { throw DockerfileError(line: next, message: error.message) }
      if opening.first == "#" { continue }
      var (text, continues) = withoutContinuation(opening)
      let start = next
      if text.isEmpty && !continues { continue }
      var holdsEmpty = false
      while continues, let more = try nextPhysical() {
        let visible = more.drop(while: \.isSpace)
        if visible.first == "#" { continue }
        if visible.isEmpty {
          holdsEmpty = true
          continue
        }
        let (part, goesOn) = withoutContinuation(more)
        text += part
        continues = goesOn
      }
      let joined = String(String.UnicodeScalarView(text))
      if joined.trimmed.isEmpty { continue }
      return Line(text: joined, start: start, end: next, holdsEmptyContinuation: holdsEmpty)
    }
    return nil
  }

  /// The raw lines up to the one that is `terminator`, which is taken but not part of the answer; nil where the
  /// file ends before.
  mutating func body(until terminator: String, ignoringLeadingTabs: Bool) -> String? {
    let terminator = Array(terminator.unicodeScalars)
    var body = String.UnicodeScalarView()
    while next < lines.count {
      let line = lines[next]
      next += 1
      var candidate = line[...]
      while candidate.last == "\r" { candidate.removeLast() }
      if ignoringLeadingTabs { candidate = candidate.drop(while: { $0 == "\t" }) }
      if candidate.elementsEqual(terminator) { return String(body) }
      body.append(contentsOf: line)
      body.append("\n")
    }
    return nil
  }

  private mutating func nextPhysical() throws(DockerfileError) -> [Unicode.Scalar]? {
    guard next < lines.count else { return nil }
    var line = lines[next]
    next += 1
    guard line.count <= Self.longestLine else {
      throw DockerfileError(
        line: next, message: "dockerfile line greater than max allowed size of \(Self.longestLine)")
    }
    while line.last == "\r" { line.removeLast() }
    return line
  }

  /// An escape character at the end, blanks after it allowed, joins the next line, unless it is itself escaped.
  private func withoutContinuation(_ line: [Unicode.Scalar]) -> (text: [Unicode.Scalar], continues: Bool) {
    var rest = line[...]
    while rest.last == " " || rest.last == "\t" { rest.removeLast() }
    guard rest.last == escape, rest.dropLast().last != escape else { return (line, false) }
    return (Array(rest.dropLast()), true)
  }
}
