import JSON

/// One run of a template.
struct TemplateEvaluation {
  private(set) var output = ""
  private let optional: Set<String>
  private var variables: [(name: String, value: TemplateValue)]

  init(root: TemplateValue, optional: Set<String>) {
    self.optional = optional
    variables = [("$", root)]
  }

  enum Flow { case onward, leave, again }

  mutating func run(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateError) -> Flow {
    for node in nodes {
      let flow = try run(node, dot)
      if flow != .onward { return flow }
    }
    return .onward
  }

  private mutating func run(_ node: TemplateNode, _ dot: TemplateValue) throws(TemplateError) -> Flow {
    switch node {
    case .text(let text): output += text
    case .leave(let again): return again ? .again : .leave
    case .output(let pipeline):
      let value = try evaluate(pipeline, dot)
      if pipeline.variables.isEmpty { output += value.text }
    case .branch(let condition, let then, let otherwise):
      let mark = variables.count
      defer { variables.removeLast(variables.count - mark) }
      return try run(try evaluate(condition, dot).isTrue ? then : otherwise, dot: dot)
    case .with(let condition, let then, let otherwise):
      let mark = variables.count
      defer { variables.removeLast(variables.count - mark) }
      let value = try evaluate(condition, dot)
      return value.isTrue ? try run(then, dot: value) : try run(otherwise, dot: dot)
    case .range(let pipeline, let body, let otherwise): return try range(pipeline, body, otherwise, dot)
    }
    return .onward
  }

  private mutating func range(
    _ pipeline: Pipeline, _ body: [TemplateNode], _ otherwise: [TemplateNode], _ dot: TemplateValue
  ) throws(TemplateError) -> Flow {
    let mark = variables.count
    defer { variables.removeLast(variables.count - mark) }
    var inner = pipeline
    inner.variables = []
    let items = try Self.items(of: try evaluate(inner, dot))
    for (key, item) in items {
      variables.removeLast(variables.count - mark)
      if let last = pipeline.variables.last { variables.append((last, item)) }
      if pipeline.variables.count == 2 { variables.append((pipeline.variables[0], key)) }
      let flow = try run(body, dot: item)
      if flow == .leave { break }
    }
    return items.isEmpty ? try run(otherwise, dot: dot) : .onward
  }

  private static func items(of value: TemplateValue) throws(TemplateError) -> [(TemplateValue, TemplateValue)]
  {
    switch value.json {
    case .array(let elements):
      elements.enumerated().map { (.json(.integer(Int64($0.offset))), .json($0.element)) }
    case .object(let object):
      object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
        (.json(.string($0.key)), .json($0.value))
      }
    case .integer(let count) where count < 100_000:
      (0..<max(0, count)).map { (.json(.integer($0)), .json(.integer($0))) }
    case .null: []
    default: throw TemplateError("template: range can't iterate over \(value.text)")
    }
  }

  mutating func evaluate(_ pipeline: Pipeline, _ dot: TemplateValue) throws(TemplateError) -> TemplateValue {
    var value: TemplateValue?
    for command in pipeline.commands { value = try evaluate(command, before: value, dot) }
    let result = value ?? .none
    if let name = pipeline.variables.first {
      if pipeline.declares {
        variables.append((name, result))
      } else if let place = variables.lastIndex(where: { $0.name == name }) {
        variables[place].value = result
      } else {
        throw TemplateError("template: undefined variable \"\(name)\"")
      }
    }
    return result
  }

  private mutating func evaluate(
    _ command: [Operand], before: TemplateValue?, _ dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    switch command[0] {
    case .function(let name) where name == "and" || name == "or":
      return try connective(name == "and", command.dropFirst(), before, dot)
    case .function(let name):
      var arguments: [TemplateValue] = []
      for operand in command.dropFirst() { arguments.append(try evaluate(operand, dot)) }
      return try TemplateFunctions.call(name, arguments + (before.map { [$0] } ?? []))
    case .field(let inner, let name, let place) where command.count > 1 || before != nil:
      return try method(name, of: try evaluate(inner, dot), command.dropFirst(), before, dot, place)
    default:
      guard command.count == 1, before == nil else {
        throw TemplateError("template: can't give argument to non-function \(Self.shown(command[0]))")
      }
      return try evaluate(command[0], dot)
    }
  }

  /// `and` and `or` stop at the first argument that decides.
  private mutating func connective(
    _ isAnd: Bool, _ operands: ArraySlice<Operand>, _ before: TemplateValue?, _ dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    var value = TemplateValue.none
    for operand in operands {
      value = try evaluate(operand, dot)
      if value.isTrue != isAnd { return value }
    }
    return before ?? value
  }

  private mutating func method(
    _ name: String, of target: TemplateValue, _ operands: ArraySlice<Operand>, _ before: TemplateValue?,
    _ dot: TemplateValue, _ place: TemplatePlace
  ) throws(TemplateError) -> TemplateValue {
    guard case .record(let record) = target, let method = record.methods[name] else {
      throw Self.fault(place, ".\(name)", "\(name) is not a method but has arguments")
    }
    var arguments: [String] = []
    for operand in operands { arguments.append(try evaluate(operand, dot).text) }
    if let before { arguments.append(before.text) }
    return .json(.string(method(arguments)))
  }

  private mutating func evaluate(_ operand: Operand, _ dot: TemplateValue) throws(TemplateError)
    -> TemplateValue
  {
    switch operand {
    case .dot: return dot
    case .literal(let value): return value
    case .variable(let name):
      guard let variable = variables.last(where: { $0.name == name }) else {
        throw TemplateError("template: undefined variable \"\(name)\"")
      }
      return variable.value
    case .function(let name): return try TemplateFunctions.call(name, [])
    case .group(let pipeline): return try evaluate(pipeline, dot)
    case .field(let inner, let name, let place):
      return try field(name, of: try evaluate(inner, dot), inner, place)
    }
  }

  private func field(
    _ name: String, of value: TemplateValue, _ inner: Operand, _ place: TemplatePlace
  ) throws(TemplateError) -> TemplateValue {
    let shown = Self.shown(inner) == "." ? ".\(name)" : "\(Self.shown(inner)).\(name)"
    switch value {
    case .record(let record):
      if let found = record[name] { return .json(found) }
      throw Self.fault(place, shown, "can't evaluate field \(name)")
    case .json(.object(let object)):
      if let found = object[name] { return .json(found) }
      if optional.contains(name) || Self.isMap(inner) { return .json(.null) }
      throw Self.fault(place, shown, "map has no entry for key \"\(name)\"")
    case .json(.null): throw Self.fault(place, shown, "nil pointer evaluating \(name)")
    default: throw Self.fault(place, shown, "can't evaluate field \(name) in \(value.text)")
    }
  }

  /// Whether an operand holds keys that users choose: asking for one that is missing is no error.
  private static func isMap(_ operand: Operand) -> Bool {
    guard case .field(_, let name, _) = operand else { return false }
    return ["Labels", "Options", "Annotations", "Networks", "Ports", "Attributes", "Data"].contains(name)
  }

  private static func shown(_ operand: Operand) -> String {
    switch operand {
    case .dot: "."
    case .variable(let name), .function(let name): name
    case .literal(let value): value.text
    case .group: "(…)"
    case .field(let inner, let name, _): shown(inner) == "." ? ".\(name)" : "\(shown(inner)).\(name)"
    }
  }

  private static func fault(_ place: TemplatePlace, _ shown: String, _ message: String) -> TemplateError {
    TemplateError("template: :\(place.line):\(place.column): executing \"\" at <\(shown)>: \(message)")
  }
}
