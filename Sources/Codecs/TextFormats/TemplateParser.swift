import JSON

/// What a text says: its nodes, and the templates it defines.
struct ParsedTemplate: Sendable {
  let name: String
  var nodes: [TemplateNode] = []
  var definitions: [String: [TemplateNode]] = [:]
}

/// Tokens to a tree.
struct TemplateParser {
  private var tokens: ArraySlice<PlacedToken>
  private var place = TemplatePlace(line: 1, column: 0)
  /// The control structures that are open; nesting is bounded, for evaluation is recursive.
  private var depth = 0
  private var loops = 0
  /// The variables in reach.
  private var variables = ["$"]
  private var result: ParsedTemplate

  static func parse(_ text: String, name: String) throws(TemplateError) -> ParsedTemplate {
    var parser = TemplateParser(
      tokens: try TemplateLexer.tokens(of: text, name: name)[...], result: ParsedTemplate(name: name))
    let (nodes, end) = try parser.nodes()
    if let end { throw parser.fault("unexpected {{\(end)}}") }
    parser.result.nodes = nodes
    return parser.result
  }

  private init(tokens: ArraySlice<PlacedToken>, result: ParsedTemplate) {
    self.tokens = tokens
    self.result = result
  }

  private func fault(_ message: String) -> TemplateError {
    TemplateError("template: \(result.name):\(place.line): \(message)")
  }

  private mutating func next() -> TemplateToken? {
    guard let taken = tokens.popFirst() else { return nil }
    place = taken.place
    return taken.token
  }

  private var peeked: TemplateToken? { tokens.first?.token }

  private mutating func skipSpace() { while peeked == .space { _ = next() } }

  /// Nodes up to an `end` or `else`, which is taken; nil at the end of the template.
  private mutating func nodes() throws(TemplateError) -> ([TemplateNode], String?) {
    guard depth < 100 else { throw fault("nested too deeply") }
    depth += 1
    defer { depth -= 1 }
    var nodes: [TemplateNode] = []
    while let token = next() {
      if case .text(let text) = token {
        nodes.append(.text(text))
        continue
      }
      skipSpace()
      guard case .word(let word) = peeked, let keyword = Keyword(rawValue: word) else {
        nodes.append(.output(try pipeline("command")))
        continue
      }
      _ = next()
      switch keyword {
      case .end:
        try close(after: "end")
        return (nodes, "end")
      case .else: return (nodes, "else")
      case .define: try definition()
      default: nodes.append(try action(keyword))
      }
    }
    return (nodes, nil)
  }

  private enum Keyword: String {
    case end, `else`, `if`, with, range, `break`, `continue`, define, template, block
  }

  private mutating func action(_ keyword: Keyword) throws(TemplateError) -> TemplateNode {
    switch keyword {
    case .if: return try branching("if") { .branch($0, then: $1, otherwise: $2) }
    case .with: return try branching("with") { .with($0, then: $1, otherwise: $2) }
    case .range:
      loops += 1
      defer { loops -= 1 }
      return try branching("range") { .range($0, body: $1, otherwise: $2) }
    case .template: return try call("template clause")
    case .block:
      let call = try call("block clause")
      if case .call(let name, _, _) = call { try define(name, "block clause") }
      return call
    default:
      guard loops > 0 else { throw fault("{{\(keyword.rawValue)}} outside {{range}}") }
      try close(after: keyword.rawValue)
      return .leave(again: keyword == .continue)
    }
  }

  private mutating func close(after word: String) throws(TemplateError) {
    skipSpace()
    guard let token = next() else { throw fault("unclosed action") }
    guard token == .close else { throw fault("unexpected \(token.shown) in \(word)") }
  }

  private mutating func name(_ context: String) throws(TemplateError) -> String {
    skipSpace()
    guard case .string(let name, _) = next() else {
      throw fault("unexpected \(peeked?.shown ?? "EOF") in \(context)")
    }
    return name
  }

  /// `template "name" pipeline`; the action's end is taken.
  private mutating func call(_ context: String) throws(TemplateError) -> TemplateNode {
    let name = try name(context)
    let place = place
    skipSpace()
    guard peeked == .close else { return .call(name, try pipeline(context), place: place) }
    try close(after: context)
    return .call(name, nil, place: place)
  }

  private mutating func definition() throws(TemplateError) {
    guard depth == 1 else { throw fault("unexpected {{define}}") }
    let name = try name("define clause")
    try close(after: "define clause")
    try define(name, "define clause")
  }

  /// Takes the nodes of a template of its own, which sees none of the variables here.
  private mutating func define(_ name: String, _ context: String) throws(TemplateError) {
    let (outside, loop) = (variables, loops)
    (variables, loops) = (["$"], 0)
    defer { (variables, loops) = (outside, loop) }
    let (nodes, end) = try nodes()
    guard end == "end" else { throw fault("unexpected \(end.map { "{{\($0)}}" } ?? "EOF") in \(context)") }
    result.definitions[name] = nodes
  }

  private mutating func branching(
    _ context: String, _ make: (Pipeline, [TemplateNode], [TemplateNode]) -> TemplateNode
  ) throws(TemplateError) -> TemplateNode {
    let mark = variables.count
    defer { variables.removeLast(variables.count - mark) }
    let condition = try pipeline(context)
    let (then, end) = try nodes()
    guard let end else { throw fault("unexpected EOF") }
    return make(condition, then, end == "else" ? try otherwise() : [])
  }

  /// What follows `{{else`: the other branch, or another condition.
  private mutating func otherwise() throws(TemplateError) -> [TemplateNode] {
    skipSpace()
    if peeked == .word("if") || peeked == .word("with") {
      let isIf = next() == .word("if")
      return [
        try branching(isIf ? "if" : "with") {
          isIf ? .branch($0, then: $1, otherwise: $2) : .with($0, then: $1, otherwise: $2)
        }
      ]
    }
    try close(after: "else")
    let (nodes, end) = try nodes()
    guard end == "end" else { throw fault(end == nil ? "unexpected EOF" : "expected end; found {{else}}") }
    return nodes
  }

  /// A pipeline up to the end of its action, which is taken.
  private mutating func pipeline(_ context: String) throws(TemplateError) -> Pipeline {
    let pipeline = try commands(context) { $0 == .close }
    _ = next()
    return pipeline
  }

  private mutating func commands(
    _ context: String, until ends: (TemplateToken) -> Bool
  ) throws(TemplateError) -> Pipeline {
    guard depth < 100 else { throw fault("nested too deeply") }
    depth += 1
    defer { depth -= 1 }
    var pipeline = Pipeline()
    skipSpace()
    try declare(&pipeline)
    while true {
      let command = try operands(until: ends)
      guard !command.isEmpty else { throw fault("missing value for \(context)") }
      pipeline.commands.append(command)
      guard peeked == .pipe else { return pipeline }
      _ = next()
    }
  }

  /// Takes `$a, $b :=` or `$a =` where they stand.
  private mutating func declare(_ pipeline: inout Pipeline) throws(TemplateError) {
    let before = tokens
    var names: [String] = []
    while case .variable(let name) = peeked {
      _ = next()
      names.append(name)
      skipSpace()
      if peeked == .comma {
        _ = next()
        skipSpace()
      }
    }
    guard !names.isEmpty, names.count < 3, peeked == .declare || peeked == .assign else {
      tokens = before
      return
    }
    pipeline.declares = next() == .declare
    pipeline.variables = names
    if pipeline.declares { variables += names } else { for name in names { try know(name) } }
  }

  private func know(_ name: String) throws(TemplateError) {
    guard variables.contains(name) else { throw fault("undefined variable \"\(name)\"") }
  }

  private mutating func operands(until ends: (TemplateToken) -> Bool) throws(TemplateError) -> [Operand] {
    var operands: [Operand] = []
    while true {
      skipSpace()
      guard let token = peeked else { throw fault("unclosed action") }
      if ends(token) || token == .pipe { return operands }
      operands.append(try operand())
    }
  }

  /// A term and the fields behind it. Messages about several fields point at the second, as Go's do.
  private mutating func operand() throws(TemplateError) -> Operand {
    let start = try term()
    var names: [String] = []
    var pointed: TemplatePlace?
    while case .field(let name) = peeked {
      _ = next()
      names.append(name)
      pointed = pointed ?? place
    }
    guard let pointed else { return start }
    if case .fields(let inner, let first) = start.kind {
      return Operand(.fields(inner, first + names), pointed)
    }
    return Operand(.fields(start, names), pointed)
  }

  private mutating func term() throws(TemplateError) -> Operand {
    let token = next()
    let place = place
    switch token {
    case .dot: return Operand(.dot, place)
    case .field(let name): return Operand(.fields(Operand(.dot, place), [name]), place)
    case .variable(let name):
      try know(name)
      return Operand(.variable(name), place)
    case .string(let text, let spelling):
      return Operand(.literal(.json(.string(text)), text: spelling), place)
    case .integer(let number, let spelling):
      return Operand(.literal(.json(.integer(number)), text: spelling), place)
    case .number(let number, let spelling):
      return Operand(.literal(.json(.number(number)), text: spelling), place)
    case .word("true"): return Operand(.literal(.json(true), text: "true"), place)
    case .word("false"): return Operand(.literal(.json(false), text: "false"), place)
    case .word("nil"): return Operand(.null, place)
    case .word(let name):
      guard TemplateFunctions.signatures[name] != nil else { throw fault("function \"\(name)\" not defined") }
      return Operand(.function(name), place)
    case .leftParenthesis:
      let inner = try commands("parenthesized pipeline") { $0 == .rightParenthesis }
      _ = next()
      return Operand(.group(inner), place)
    default: throw fault("unexpected \(token?.shown ?? "EOF") in operand")
    }
  }
}
