import JSON

/// The templates of `--format`: Go's text/template over JSON values, with docker's functions.
public struct GoTemplate: Sendable {
  private let parsed: ParsedTemplate

  /// Parses a template; the error is worded as Go's. `name` stands in messages.
  public init(_ text: String, name: String = "") throws(TemplateError) {
    parsed = try TemplateParser.parse(text, name: name)
  }

  /// Runs the template over a value. A key that an object does not have is an error, unless `fields` knows it.
  public func render(_ value: TemplateValue, fields: GoFields = GoFields()) throws(TemplateError) -> String {
    var evaluation = TemplateEvaluation(parsed, root: value, fields: fields)
    return try evaluation.run()
  }

  public func render(_ value: JSONValue, fields: GoFields = GoFields()) throws(TemplateError) -> String {
    try render(.json(value), fields: fields)
  }

  /// The fields of the root that the template asks for; all that it might.
  public func mentions(_ name: String) -> Bool {
    parsed.nodes.contains { $0.mentions(name) }
      || parsed.definitions.values.contains { $0.contains { $0.mentions(name) } }
  }
}

/// What Go's client knows of the objects that it reads into structs, and their JSON does not say.
public struct GoFields: Sendable {
  /// Fields that engines leave out when they are empty, with what Go prints for them.
  public var absent: [String: String] = [:]
  /// Fields whose values have keys that users choose: asking for one that is missing is no error.
  public var maps: Set<String> = [
    "Labels", "Options", "Annotations", "Networks", "Ports", "Attributes", "Data", "PortBindings", "Volumes",
    "ExposedPorts", "Sysctls", "Tmpfs", "StorageOpt", "DriverOpts", "AuxiliaryAddresses", "Status",
  ]
  /// Lists, which Go prints as `[]` where JSON has null.
  public var lists: Set<String> = []
  /// Lengths of time in nanoseconds, which Go prints as `1m30s`.
  public var durations: Set<String> = []
  /// Fields whose names in Go are not those in JSON, by the name in Go.
  public var spellings: [String: String] = [:]

  public init() {}

  /// A field that is there, as Go prints it.
  func found(_ name: String, _ value: JSONValue) -> TemplateValue {
    switch value {
    case .null where lists.contains(name): .shown(.null, as: "[]")
    case .null where maps.contains(name): .shown(.null, as: "map[]")
    case .integer(let nanoseconds) where durations.contains(name):
      .shown(value, as: GoDuration.format(nanoseconds: nanoseconds))
    default: .json(value)
    }
  }

  /// A field that is not there; nil where that is an error.
  func notFound(_ name: String) -> TemplateValue? {
    guard let text = absent[name] else { return nil }
    return switch text {
    case "": .json("")
    case "0": .json(0)
    case "false": .json(false)
    default: .shown(.null, as: text)
    }
  }
}

extension TemplateNode {
  fileprivate func mentions(_ name: String) -> Bool {
    switch self {
    case .text, .leave: false
    case .call(_, let pipeline, _): pipeline?.mentions(name) ?? false
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
    switch kind {
    case .fields(let inner, let fields): fields.contains(name) || inner.mentions(name)
    case .group(let pipeline): pipeline.mentions(name)
    case .function("json"): true
    default: false
    }
  }
}
