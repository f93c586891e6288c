/// A part of a parsed template.
indirect enum TemplateNode: Sendable {
  case text(String)
  case output(Pipeline)
  case branch(Pipeline, then: [TemplateNode], otherwise: [TemplateNode])
  case with(Pipeline, then: [TemplateNode], otherwise: [TemplateNode])
  case range(Pipeline, body: [TemplateNode], otherwise: [TemplateNode])
  case leave(again: Bool)
}

/// Commands, each with the result of the one before as its last argument; perhaps put into variables.
struct Pipeline: Sendable {
  var variables: [String] = []
  /// Whether the variables are new (`:=`) or set again (`=`).
  var declares = true
  var commands: [[Operand]] = []
}

indirect enum Operand: Sendable {
  case dot
  case literal(TemplateValue)
  case variable(String)
  case function(String)
  case group(Pipeline)
  /// A field of an operand; `place` is where messages point.
  case field(Operand, String, place: TemplatePlace)
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
