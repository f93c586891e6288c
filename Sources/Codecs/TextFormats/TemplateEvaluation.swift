import JSON

/// One run of a template.
struct TemplateEvaluation {
  private(set) var output = ""
  private let template: ParsedTemplate
  private let fields: GoFields
  private var variables: [(name: String, value: TemplateValue)]
  /// Whether the values are texts, and not what JSON said.
  private let isRecord: Bool
  /// What is being worked out: where messages point.
  private var at: Spot = .nothing
  /// Templates within templates: bounded, for they may call themselves.
  private var calls = 0

  private enum Spot {
    case nothing
    case operand(Operand)
    case command([Operand])
    case call(String, TemplatePlace)
  }

  init(_ template: ParsedTemplate, root: TemplateValue, fields: GoFields) {
    self.template = template
    self.fields = fields
    variables = [("$", root)]
    isRecord = if case .record = root { true } else { false }
  }

  mutating func run() throws(TemplateError) -> String {
    _ = try run(template.nodes, dot: variables[0].value)
    return output
  }

  private func fault(_ message: String) -> TemplateError {
    let (place, shown): (TemplatePlace?, String) =
      switch at {
      case .nothing: (nil, "")
      case .operand(let operand): (operand.place, operand.shown)
      case .command(let operands): (operands.first?.place, Operand.shown(operands))
      case .call(let name, let place): (place, "{{template \"\(name)\"}}")
      }
    let name = template.name
    guard let place else { return TemplateError("template: \(name): \(message)") }
    return TemplateError(
      "template: \(name):\(place.line):\(place.column): executing \"\(name)\" at <\(shown)>: \(message)")
  }

  enum Flow { case onward, leave, again }

  private mutating func run(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateError) -> Flow {
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
    case .call(let name, let pipeline, let place): try call(name, pipeline, place, dot)
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

  private mutating func call(
    _ name: String, _ pipeline: Pipeline?, _ place: TemplatePlace, _ dot: TemplateValue
  ) throws(TemplateError) {
    at = .call(name, place)
    guard let nodes = template.definitions[name] else { throw fault("template \"\(name)\" not defined") }
    guard calls < 100 else { throw fault("exceeded maximum template depth (100)") }
    let value =
      try pipeline.map { (pipeline) throws(TemplateError) in try evaluate(pipeline, dot) } ?? .missing
    let outside = variables
    variables = [("$", value)]
    calls += 1
    defer {
      calls -= 1
      variables = outside
    }
    _ = try run(nodes, dot: value)
  }

  private mutating func range(
    _ pipeline: Pipeline, _ body: [TemplateNode], _ otherwise: [TemplateNode], _ dot: TemplateValue
  ) throws(TemplateError) -> Flow {
    let mark = variables.count
    defer { variables.removeLast(variables.count - mark) }
    var inner = pipeline
    inner.variables = []
    let whole = try evaluate(inner, dot)
    let items = try items(of: whole)
    for (key, item) in items {
      variables.removeLast(variables.count - mark)
      if let last = pipeline.variables.last { variables.append((last, item)) }
      if pipeline.variables.count == 2 { variables.append((pipeline.variables[0], key)) }
      let flow = try run(body, dot: item)
      if flow == .leave { break }
    }
    return items.isEmpty ? try run(otherwise, dot: dot) : .onward
  }

  private func items(of value: TemplateValue) throws(TemplateError) -> [(TemplateValue, TemplateValue)] {
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
    default: throw fault("range can't iterate over \(value.text)")
    }
  }

  private mutating func evaluate(_ pipeline: Pipeline, _ dot: TemplateValue) throws(TemplateError)
    -> TemplateValue
  {
    var value: TemplateValue?
    for command in pipeline.commands { value = try evaluate(command, before: value, dot) }
    let result = value ?? .none
    if let name = pipeline.variables.first {
      if pipeline.declares {
        variables.append((name, result))
      } else if let place = variables.lastIndex(where: { $0.name == name }) {
        variables[place].value = result
      }
    }
    return result
  }

  /// A command: a function or method with its arguments, or a value alone.
  private mutating func evaluate(
    _ command: [Operand], before: TemplateValue?, _ dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    let first = command[0]
    at = .operand(first)
    switch first.kind {
    case .function(let name) where name == "and" || name == "or":
      return try connective(name == "and", command, before, dot)
    case .function(let name): return try function(name, command, before, dot)
    case .fields(let inner, let names) where command.count > 1 || before != nil:
      return try method(inner, names, command, before, dot)
    case .null: throw fault("nil is not a command")
    default:
      guard command.count == 1, before == nil else {
        throw fault("can't give argument to non-function \(first.shown)")
      }
      return try evaluate(first, dot)
    }
  }

  /// `and` and `or` stop at the first argument that decides.
  private mutating func connective(
    _ isAnd: Bool, _ command: [Operand], _ before: TemplateValue?, _ dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    guard command.count > 1 || before != nil else {
      throw fault("wrong number of args for \(isAnd ? "and" : "or"): want at least 1 got 0")
    }
    var value = TemplateValue.none
    for operand in command.dropFirst() {
      value = try evaluate(operand, dot)
      if value.isTrue != isAnd { return value }
    }
    return before ?? value
  }

  private mutating func function(
    _ name: String, _ command: [Operand], _ before: TemplateValue?, _ dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    guard let signature = TemplateFunctions.signatures[name] else {
      throw fault("function \"\(name)\" not defined")
    }
    let count = command.count - 1 + (before == nil ? 0 : 1)
    if let complaint = signature.complaint(about: count) {
      throw fault("wrong number of args for \(name): \(complaint)")
    }
    var arguments: [JSONValue] = []
    for operand in command.dropFirst() {
      arguments.append(try argument(operand, signature.kind(of: arguments.count), dot))
    }
    if let before { arguments.append(try fitting(before, signature.kind(of: arguments.count))) }
    at = .command(command)
    do {
      return try TemplateFunctions.call(name, arguments)
    } catch {
      throw fault("error calling \(name): \(error.description)")
    }
  }

  /// What a function gets: literals must be of its kind as they are written, other values as they turn out.
  private mutating func argument(
    _ operand: Operand, _ kind: TemplateFunctions.Kind, _ dot: TemplateValue
  ) throws(TemplateError) -> JSONValue {
    at = .operand(operand)
    if case .null = operand.kind {
      guard kind == .any else { throw fault("cannot assign nil to \(kind.typeName)") }
      return .null
    }
    let value = try evaluate(operand, dot)
    if case .literal(_, let text) = operand.kind {
      guard kind.takes(value.json) else { throw fault("expected \(kind.literal); found \(text)") }
    }
    return try fitting(value, kind)
  }

  private func fitting(
    _ value: TemplateValue, _ kind: TemplateFunctions.Kind
  ) throws(TemplateError) -> JSONValue {
    guard kind.takes(value.json) || value.json == .null && kind == .texts else {
      throw fault(
        "wrong type for value; expected \(kind.typeName); got \(value.json.goType)")
    }
    return value.json
  }

  private mutating func method(
    _ inner: Operand, _ names: [String], _ command: [Operand], _ before: TemplateValue?, _ dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    let target = try fieldsOf(inner, Array(names.dropLast()), dot)
    let name = names.last ?? ""
    at = .operand(command[0])
    guard case .record(let record) = target, let method = record.methods[name] else {
      throw fault("\(name) is not a method but has arguments")
    }
    guard command.count - 1 + (before == nil ? 0 : 1) == 1 else {
      throw fault("wrong number of args for \(name): want 1 got \(command.count - (before == nil ? 1 : 0))")
    }
    if command.count == 2 { return .json(.string(method(try argument(command[1], .text, dot).string ?? ""))) }
    return .json(.string(method(before?.text ?? "")))
  }

  private mutating func evaluate(_ operand: Operand, _ dot: TemplateValue) throws(TemplateError)
    -> TemplateValue
  {
    at = .operand(operand)
    switch operand.kind {
    case .dot: return dot
    case .null: return .none
    case .literal(let value, _): return value
    case .variable(let name): return variables.last { $0.name == name }?.value ?? .none
    case .function: return try evaluate([operand], before: nil, dot)
    case .group(let pipeline): return try evaluate(pipeline, dot)
    case .fields(let inner, let names): return try fieldsOf(inner, names, dot)
    }
  }

  private mutating func fieldsOf(
    _ inner: Operand, _ names: [String], _ dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    let spot = at
    var value = try evaluate(inner, dot)
    // A parenthesis is pointed at by what it worked out last, as in Go.
    if case .group = inner.kind {} else { at = spot }
    var parent = ""
    if case .fields(_, let before) = inner.kind { parent = before.last ?? "" }
    for name in names {
      value = try field(name, of: value, parent)
      parent = name
    }
    return value
  }

  private func field(_ name: String, of value: TemplateValue, _ parent: String) throws(TemplateError)
    -> TemplateValue
  {
    if value.isMissing { return value }
    // Not by way of its JSON, which is made of all its fields.
    if case .record(let record) = value { return try field(name, of: record) }
    switch (value, value.json) {
    case (_, .object(let object)):
      if let found = object[name] { return fields.found(name, found) }
      if let other = fields.spellings[name], let found = object[other] { return fields.found(other, found) }
      if fields.maps.contains(parent) { return .missing }
      if let absent = fields.notFound(name) { return absent }
      throw fault("map has no entry for key \"\(name)\"")
    case (.shown, .null) where !parent.isEmpty && !fields.maps.contains(parent):
      // Left out because it is empty: what Go says of the JSON.
      throw fault("map has no entry for key \"\(parent)\"")
    case (_, .null): throw fault("nil data; no entry for key \"\(name)\"")
    default: throw fault("can't evaluate field \(name) in type \(isRecord ? "string" : "interface {}")")
    }
  }

  private func field(_ name: String, of record: TemplateRecord) throws(TemplateError) -> TemplateValue {
    if let found = record[name] { return fields.found(name, found) }
    if let absent = fields.notFound(name) { return absent }
    if record.methods[name] != nil { throw fault("wrong number of args for \(name): want 1 got 0") }
    let type = record.typeName.isEmpty ? "" : " in type \(record.typeName)"
    throw fault("can't evaluate field \(name)\(type)")
  }
}
