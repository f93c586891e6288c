import JSON

/// A value inside a template: JSON, or something that is computed when it is asked for.
public enum TemplateValue: Sendable {
  case json(JSONValue)
  /// A value that Go prints otherwise than its JSON says: a nil list, a length of time, what is not there.
  case shown(JSONValue, as: String)
  case record(TemplateRecord)

  var json: JSONValue {
    switch self {
    case .json(let value), .shown(let value, _): value
    case .record(let record): record.json
    }
  }
}

/// A line of a listing: named texts, and methods that take arguments.
public struct TemplateRecord: Sendable {
  /// Takes one argument.
  public typealias Method = @Sendable (String) -> String

  public var fields: [(name: String, value: JSONValue)]
  public var methods: [String: Method]
  /// What messages call the type, as `*formatter.ContainerContext`.
  public var typeName: String
  /// What `json` shows; nil for the fields, sorted by name, as docker does.
  private let whole: JSONValue?

  /// `fields` are told in this order by tables.
  public init(
    _ fields: [(name: String, value: JSONValue)], methods: [String: Method] = [:], typeName: String = "",
    whole: JSONValue? = nil
  ) {
    self.fields = fields
    self.methods = methods
    self.typeName = typeName
    self.whole = whole
  }

  /// An object that an engine told: its fields, and others under the names that Go's struct has for them.
  public init(_ value: JSONValue, typeName: String, named: [String: String] = [:]) {
    let object = value.object ?? [:]
    let others = named.compactMap { go, wire in object[wire].map { (name: go, value: $0) } }
    self.init(object.map { ($0.key, $0.value) } + others, typeName: typeName, whole: value)
  }

  public subscript(_ name: String) -> JSONValue? { fields.first { $0.name == name }?.value }

  public var json: JSONValue { whole ?? .object(sorted) }

  private var sorted: JSONObject {
    JSONObject(fields.sorted { $0.name < $1.name }.map { ($0.name, $0.value) })
  }
}

extension TemplateValue {
  static let none = TemplateValue.json(.null)
  /// A key that a map does not have, and every field of it.
  static let missing = TemplateValue.shown(.null, as: "<no value>")

  var isMissing: Bool { if case .shown(.null, as: "<no value>") = self { true } else { false } }

  /// What `if`, `and`, `or`, `not` and `with` go by: everything but false, 0, "" and what is empty.
  var isTrue: Bool {
    switch json {
    case .null: false
    case .bool(let flag): flag
    case .integer(let number): number != 0
    case .number(let number): number != 0
    case .string(let text): !text.isEmpty
    case .array(let elements): !elements.isEmpty
    case .object(let object): !object.isEmpty
    }
  }

  /// As Go's `print` shows it.
  var text: String { if case .shown(_, let text) = self { text } else { Self.text(json) } }

  static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "<nil>"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): "\(number)"
    case .number(let number): String(decoding: JSON.encode(number), as: UTF8.self)
    case .string(let text): text
    case .array(let elements): "[" + elements.map(Self.text).joined(separator: " ") + "]"
    case .object(let object): GoStructs.text(object) ?? map(object)
    }
  }

  private static func map(_ object: JSONObject) -> String {
    "map["
      + object.sorted { $0.key < $1.key }.map { "\($0.key):\(Self.text($0.value))" }.joined(separator: " ")
      + "]"
  }
}
