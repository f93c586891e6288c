import JSON

/// Tokens to a tree.
struct TemplateParser {
  private var tokens: ArraySlice<PlacedToken>
  private var place = TemplatePlace(line: 1, column: 0)
  /// The control structures that are open; nesting is bounded, for evaluation is recursive.
  private var depth = 0
  private var loops = 0

  static func parse(_ text: String) throws(TemplateError) -> [TemplateNode] {
    var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: text)[...])
    let (nodes, end) = try parser.nodes()
    if let end { throw parser.fault("unexpected {{\(end)}}") }
    return nodes
  }

  private init(tokens: ArraySlice<PlacedToken>) { self.tokens = tokens }

  private func fault(_ message: String) -> TemplateError {
    TemplateError("template: :\(place.line): \(message)")
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
        nodes.append(.output(try pipeline()))
        continue
      }
      _ = next()
      switch keyword {
      case .end:
        try close(after: "end")
        return (nodes, "end")
      case .else: return (nodes, "else")
      case .if: nodes.append(try branching { .branch($0, then: $1, otherwise: $2) })
      case .with: nodes.append(try branching { .with($0, then: $1, otherwise: $2) })
      case .range:
        loops += 1
        nodes.append(try branching { .range($0, body: $1, otherwise: $2) })
        loops -= 1
      case .break, .continue:
        guard loops > 0 else { throw fault("{{\(word)}} outside {{range}}") }
        try close(after: word)
        nodes.append(.leave(again: keyword == .continue))
      case .define, .template, .block: throw fault("{{\(word)}} is not supported")
      }
    }
    return (nodes, nil)
  }

  private enum Keyword: String {
    case end, `else`, `if`, with, range, `break`, `continue`, define, template, block
  }

  private mutating func close(after word: String) throws(TemplateError) {
    skipSpace()
    guard next() == .close else { throw fault("unexpected token in \(word)") }
  }

  private mutating func branching(
    _ make: (Pipeline, [TemplateNode], [TemplateNode]) -> TemplateNode
  ) throws(TemplateError) -> TemplateNode {
    let condition = try pipeline()
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
        try branching { isIf ? .branch($0, then: $1, otherwise: $2) : .with($0, then: $1, otherwise: $2) }
      ]
    }
    try close(after: "else")
    let (nodes, end) = try nodes()
    guard end == "end" else { throw fault("expected end; found \(end.map { "{{\($0)}}" } ?? "EOF")") }
    return nodes
  }

  /// A pipeline up to the end of its action, which is taken.
  private mutating func pipeline() throws(TemplateError) -> Pipeline {
    let pipeline = try commands { $0 == .close }
    _ = next()
    return pipeline
  }

  private mutating func commands(until ends: (TemplateToken) -> Bool) throws(TemplateError) -> Pipeline {
    guard depth < 100 else { throw fault("nested too deeply") }
    depth += 1
    defer { depth -= 1 }
    var pipeline = Pipeline()
    skipSpace()
    try variables(&pipeline)
    while true {
      let command = try operands(until: ends)
      guard !command.isEmpty else { throw fault("missing value for command") }
      pipeline.commands.append(command)
      guard peeked == .pipe else { return pipeline }
      _ = next()
    }
  }

  /// Takes `$a, $b :=` or `$a =` where they stand.
  private mutating func variables(_ pipeline: inout Pipeline) throws(TemplateError) {
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
    if !names.isEmpty, names.count < 3, peeked == .declare || peeked == .assign {
      pipeline.declares = next() == .declare
      pipeline.variables = names
    } else {
      tokens = before
    }
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

  private mutating func operand() throws(TemplateError) -> Operand {
    var operand = try term()
    while case .field(let name) = peeked {
      _ = next()
      operand = .field(operand, name, place: place)
    }
    return operand
  }

  private mutating func term() throws(TemplateError) -> Operand {
    let token = next()
    switch token {
    case .dot: return .dot
    case .field(let name): return .field(.dot, name, place: place)
    case .variable(let name): return .variable(name)
    case .string(let text): return .literal(.json(.string(text)))
    case .integer(let number): return .literal(.json(.integer(number)))
    case .number(let number): return .literal(.json(.number(number)))
    case .word("true"): return .literal(.json(true))
    case .word("false"): return .literal(.json(false))
    case .word("nil"): return .literal(.none)
    case .word(let name):
      guard TemplateFunctions.known.contains(name) else { throw fault("function \"\(name)\" not defined") }
      return .function(name)
    case .leftParenthesis:
      let inner = try commands { $0 == .rightParenthesis }
      _ = next()
      return .group(inner)
    default: throw fault("unexpected \(token?.shown ?? "EOF") in operand")
    }
  }
}
