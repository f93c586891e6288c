/// A part of a parsed template.
indirect enum TemplateNode: Sendable {
  case text(String)
  case output(Pipeline)
  case branch(Pipeline, then: [TemplateNode], otherwise: [TemplateNode])
  case with(Pipeline, then: [TemplateNode], otherwise: [TemplateNode])
  case range(Pipeline, body: [TemplateNode], otherwise: [TemplateNode])
  /// Another template of the same text, with its own dot; nil where none is given.
  case call(String, Pipeline?, place: TemplatePlace)
  case leave(again: Bool)
}

/// Commands, each with the result of the one before as its last argument; perhaps put into variables.
struct Pipeline: Sendable {
  var variables: [String] = []
  /// Whether the variables are new (`:=`) or set again (`=`).
  var declares = true
  var commands: [[Operand]] = []

  /// As Go's messages quote it.
  var shown: String {
    let names = variables.isEmpty ? "" : variables.joined(separator: ", ") + (declares ? " := " : " = ")
    return names + commands.map(Operand.shown).joined(separator: " | ")
  }
}

/// A word of a command, and where messages about it point.
struct Operand: Sendable {
  indirect enum Kind: Sendable {
    case dot
    case null
    /// `text` is how the template spells it.
    case literal(TemplateValue, text: String)
    case variable(String)
    case function(String)
    case group(Pipeline)
    /// Fields, each of the one before it, of an operand.
    case fields(Operand, [String])
  }

  let kind: Kind
  let place: TemplatePlace

  init(_ kind: Kind, _ place: TemplatePlace) {
    self.kind = kind
    self.place = place
  }

  var shown: String {
    switch kind {
    case .dot: "."
    case .null: "nil"
    case .literal(_, let text): text
    case .variable(let name), .function(let name): name
    case .group(let pipeline): "(\(pipeline.shown))"
    case .fields(let inner, let names):
      if case .dot = inner.kind {
        names.map { ".\($0)" }.joined()
      } else {
        inner.shown + names.map { ".\($0)" }.joined()
      }
    }
  }

  static func shown(_ command: [Operand]) -> String { command.map(\.shown).joined(separator: " ") }
}

/// A line, and a column in it counted from 0, as Go's messages have them.
struct TemplatePlace: Sendable, Hashable {
  var line: Int
  var column: Int
}

/// Why a template cannot be used, worded as Go's text/template words it.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
