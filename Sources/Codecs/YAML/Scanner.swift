/// Text to tokens: indentation, simple keys, and which indicator means what where.
///
/// The order of its decisions and the wording of its complaints are those of libyaml, which docker compose's users see.
struct Scanner {
  var reader: Reader
  private var tokens: [Token] = []
  private var head = 0
  /// How many tokens have been taken.
  private var taken = 0
  private(set) var flowLevel = 0
  private(set) var indent = -1
  private var indents: [Int] = []
  var simpleKeyAllowed = true
  private var simpleKeys = [SimpleKey()]
  private var ended = false

  static let maximalDepth = 500

  /// A place where a key without `?` may have begun.
  private struct SimpleKey {
    var possible = false
    var required = false
    var tokenNumber = 0
    var mark = Mark()
  }

  init(_ bytes: [UInt8]) throws(YAMLError) { reader = try Reader(bytes) }

  mutating func peek() throws(YAMLError) -> Token {
    try fetchMore()
    return tokens[head]
  }

  mutating func skip() {
    head += 1
    taken += 1
    guard head > 64, head * 2 > tokens.count else { return }
    tokens.removeFirst(head)
    head = 0
  }

  /// A complaint about the place where the reader stands, in a construct that began at `context`.
  func error(_ problem: String, context: Mark) -> YAMLError {
    let line = context.line != 0 ? context.line : reader.mark.line
    return YAMLError(problem, at: reader.mark, reportedLine: line == 0 ? nil : line + 1)
  }

  // MARK: Filling the queue

  private mutating func fetchMore() throws(YAMLError) {
    while true {
      if ended, head < tokens.count { return }
      if head < tokens.count - 2 {
        guard let key = simpleKeys.firstIndex(where: { $0.possible && $0.tokenNumber == taken }),
          try isValid(key)
        else { return }
      }
      try fetchNext()
    }
  }

  private mutating func fetchNext() throws(YAMLError) {
    skipToNextToken()
    unrollIndent(to: reader.mark.column)
    if reader.atEnd { return try fetchStreamEnd() }
    if reader.mark.column == 0, reader.byte() == UInt8(ascii: "%") { return try fetchDirective() }
    if reader.isDocumentIndicator("-") { return try fetchDocumentIndicator(.documentStart) }
    if reader.isDocumentIndicator(".") { return try fetchDocumentIndicator(.documentEnd) }
    if try fetchIndicator() { return }
    if startsPlainScalar {
      try saveSimpleKey()
      simpleKeyAllowed = false
      return append(try scanPlainScalar())
    }
    throw error("found character that cannot start any token", context: reader.mark)
  }

  private mutating func fetchIndicator() throws(YAMLError) -> Bool {
    switch reader.byte() {
    case UInt8(ascii: "["): try fetchFlowStart(.flowSequenceStart)
    case UInt8(ascii: "{"): try fetchFlowStart(.flowMappingStart)
    case UInt8(ascii: "]"): try fetchFlowEnd(.flowSequenceEnd)
    case UInt8(ascii: "}"): try fetchFlowEnd(.flowMappingEnd)
    case UInt8(ascii: ","):
      try removeSimpleKey()
      simpleKeyAllowed = true
      appendIndicator(.flowEntry)
    case UInt8(ascii: "-") where reader.isBlankOrEnd(1): try fetchBlockEntry()
    case UInt8(ascii: "?") where flowLevel > 0 || reader.isBlankOrEnd(1): try fetchKey()
    case UInt8(ascii: ":") where flowLevel > 0 || reader.isBlankOrEnd(1): try fetchValue()
    case UInt8(ascii: "*"), UInt8(ascii: "&"):
      try saveSimpleKey()
      simpleKeyAllowed = false
      append(try scanAnchor())
    case UInt8(ascii: "!"):
      try saveSimpleKey()
      simpleKeyAllowed = false
      append(try scanTag())
    case UInt8(ascii: "|") where flowLevel == 0, UInt8(ascii: ">") where flowLevel == 0:
      try removeSimpleKey()
      simpleKeyAllowed = true
      append(try scanBlockScalar())
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      try saveSimpleKey()
      simpleKeyAllowed = false
      append(try scanQuotedScalar())
    default: return false
    }
    return true
  }

  private var startsPlainScalar: Bool {
    switch reader.byte() {
    case UInt8(ascii: "-"): !reader.isBlank(1)
    case UInt8(ascii: "?"), UInt8(ascii: ":"): flowLevel == 0 && !reader.isBlankOrEnd(1)
    case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
      UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"),
      UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"),
      UInt8(ascii: "`"):
      false
    default: !reader.isBlankOrEnd()
    }
  }

  private mutating func skipToNextToken() {
    while true {
      while reader.byte() == 0x20 || (reader.byte() == 9 && (flowLevel > 0 || !simpleKeyAllowed)) {
        reader.skip()
      }
      if reader.byte() == UInt8(ascii: "#") { while !reader.isBreakOrEnd() { reader.skip() } }
      guard reader.isBreak() else { return }
      reader.skipLine()
      if flowLevel == 0 { simpleKeyAllowed = true }
    }
  }

  private mutating func append(_ token: Token) { tokens.append(token) }

  private mutating func appendIndicator(_ kind: Token.Kind) {
    tokens.append(Token(kind: kind, start: reader.mark))
    reader.skip()
  }

  // MARK: Simple keys

  private mutating func isValid(_ index: Int) throws(YAMLError) -> Bool {
    let key = simpleKeys[index]
    guard key.possible else { return false }
    guard key.mark.line < reader.mark.line || key.mark.index + 1024 < reader.mark.index else { return true }
    guard !key.required else { throw error("could not find expected ':'", context: key.mark) }
    simpleKeys[index].possible = false
    return false
  }

  private mutating func saveSimpleKey() throws(YAMLError) {
    guard simpleKeyAllowed else { return }
    let required = flowLevel == 0 && indent == reader.mark.column
    try removeSimpleKey()
    simpleKeys[simpleKeys.count - 1] = SimpleKey(
      possible: true, required: required, tokenNumber: taken + tokens.count - head, mark: reader.mark)
  }

  private mutating func removeSimpleKey() throws(YAMLError) {
    let key = simpleKeys[simpleKeys.count - 1]
    guard !(key.possible && key.required) else {
      throw error("could not find expected ':'", context: key.mark)
    }
    simpleKeys[simpleKeys.count - 1].possible = false
  }

  // MARK: Indentation

  private mutating func rollIndent(
    to column: Int, opening kind: Token.Kind, at mark: Mark, before number: Int? = nil
  ) throws(YAMLError) {
    guard flowLevel == 0, indent < column else { return }
    indents.append(indent)
    indent = column
    guard indents.count <= Scanner.maximalDepth else { throw tooDeep() }
    let token = Token(kind: kind, start: mark)
    if let number { tokens.insert(token, at: head + number - taken) } else { tokens.append(token) }
  }

  private mutating func unrollIndent(to column: Int) {
    guard flowLevel == 0 else { return }
    while indent > column, let outer = indents.popLast() {
      tokens.append(Token(kind: .blockEnd, start: reader.mark))
      indent = outer
    }
  }

  func tooDeep() -> YAMLError { error("exceeded max depth of \(Scanner.maximalDepth)", context: reader.mark) }

  // MARK: Indicators

  private mutating func fetchStreamEnd() throws(YAMLError) {
    reader.endLine()
    unrollIndent(to: -1)
    try removeSimpleKey()
    simpleKeyAllowed = false
    tokens.append(Token(kind: .streamEnd, start: reader.mark))
    ended = true
  }

  private mutating func fetchDirective() throws(YAMLError) {
    unrollIndent(to: -1)
    try removeSimpleKey()
    simpleKeyAllowed = false
    append(try scanDirective())
  }

  private mutating func fetchDocumentIndicator(_ kind: Token.Kind) throws(YAMLError) {
    unrollIndent(to: -1)
    try removeSimpleKey()
    simpleKeyAllowed = false
    tokens.append(Token(kind: kind, start: reader.mark))
    reader.skip(3)
  }

  private mutating func fetchFlowStart(_ kind: Token.Kind) throws(YAMLError) {
    try saveSimpleKey()
    simpleKeys.append(SimpleKey())
    flowLevel += 1
    guard flowLevel <= Scanner.maximalDepth else { throw tooDeep() }
    simpleKeyAllowed = true
    appendIndicator(kind)
  }

  private mutating func fetchFlowEnd(_ kind: Token.Kind) throws(YAMLError) {
    try removeSimpleKey()
    if flowLevel > 0 {
      flowLevel -= 1
      simpleKeys.removeLast()
    }
    simpleKeyAllowed = false
    appendIndicator(kind)
  }

  private mutating func fetchBlockEntry() throws(YAMLError) {
    if flowLevel == 0 {
      guard simpleKeyAllowed else {
        throw error("block sequence entries are not allowed in this context", context: reader.mark)
      }
      try rollIndent(to: reader.mark.column, opening: .blockSequenceStart, at: reader.mark)
    }
    try removeSimpleKey()
    simpleKeyAllowed = true
    appendIndicator(.blockEntry)
  }

  private mutating func fetchKey() throws(YAMLError) {
    if flowLevel == 0 {
      guard simpleKeyAllowed else {
        throw error("mapping keys are not allowed in this context", context: reader.mark)
      }
      try rollIndent(to: reader.mark.column, opening: .blockMappingStart, at: reader.mark)
    }
    try removeSimpleKey()
    simpleKeyAllowed = flowLevel == 0
    appendIndicator(.key)
  }

  private mutating func fetchValue() throws(YAMLError) {
    let last = simpleKeys.count - 1
    if try isValid(last) {
      let key = simpleKeys[last]
      tokens.insert(Token(kind: .key, start: key.mark), at: head + key.tokenNumber - taken)
      try rollIndent(to: key.mark.column, opening: .blockMappingStart, at: key.mark, before: key.tokenNumber)
      simpleKeys[last].possible = false
      simpleKeyAllowed = false
    } else {
      if flowLevel == 0 {
        guard simpleKeyAllowed else {
          throw error("mapping values are not allowed in this context", context: reader.mark)
        }
        try rollIndent(to: reader.mark.column, opening: .blockMappingStart, at: reader.mark)
      }
      simpleKeyAllowed = flowLevel == 0
    }
    appendIndicator(.value)
  }
}
