import JSON

/// The templates of `--format`: the part of Go's text/template that takes values apart, with docker's functions.
///
/// Actions: fields, variables, pipelines, if, else, with, range, break, continue, comments, trimming.
public struct GoTemplate: Sendable {
  private let nodes: [TemplateNode]

  /// Parses a template; the error is worded as Go's.
  public init(_ text: String) throws(TemplateError) { nodes = try TemplateParser.parse(text) }

  /// Runs the template over a value. A key that an object does not have is an error, unless it is in `optional`:
  /// then it is nil.
  public func render(_ value: TemplateValue, optional: Set<String> = []) throws(TemplateError) -> String {
    var evaluation = TemplateEvaluation(root: value, optional: optional)
    _ = try evaluation.run(nodes, dot: value)
    return evaluation.output
  }

  public func render(_ value: JSONValue, optional: Set<String> = []) throws(TemplateError) -> String {
    try render(.json(value), optional: optional)
  }

  /// The fields of the root that the template asks for; all that it might.
  public func mentions(_ name: String) -> Bool { nodes.contains { $0.mentions(name) } }
}

extension TemplateNode {
  fileprivate func mentions(_ name: String) -> Bool {
    switch self {
    case .text, .leave: false
    case .output(let pipeline): pipeline.mentions(name)
    case .branch(let pipeline, let then, let otherwise), .with(let pipeline, let then, let otherwise),
      .range(let pipeline, let then, let otherwise):
      pipeline.mentions(name) || (then + otherwise).contains { $0.mentions(name) }
    }
  }
}

extension Pipeline {
  fileprivate func mentions(_ name: String) -> Bool { commands.joined().contains { $0.mentions(name) } }
}

extension Operand {
  fileprivate func mentions(_ name: String) -> Bool {
    switch self {
    case .field(let inner, let field, _): field == name || inner.mentions(name)
    case .group(let pipeline): pipeline.mentions(name)
    case .dot: false
    case .function("json"): true
    default: false
    }
  }
}
