import JSON

/// A value inside a template: JSON, or something that is computed when it is asked for.
public enum TemplateValue: Sendable {
  case json(JSONValue)
  case record(TemplateRecord)

  var json: JSONValue {
    switch self {
    case .json(let value): value
    case .record(let record): .object(record.object)
    }
  }
}

/// A line of a listing: named texts, and methods that take arguments.
public struct TemplateRecord: Sendable {
  public typealias Method = @Sendable ([String]) -> String

  public var fields: [(name: String, value: JSONValue)]
  public var methods: [String: Method]

  /// `fields` are told in this order by tables; `json` sorts them by name, as docker does.
  public init(_ fields: [(name: String, value: JSONValue)], methods: [String: Method] = [:]) {
    self.fields = fields
    self.methods = methods
  }

  subscript(_ name: String) -> JSONValue? { fields.first { $0.name == name }?.value }

  var object: JSONObject { JSONObject(fields.sorted { $0.name < $1.name }.map { ($0.name, $0.value) }) }
}

extension TemplateValue {
  static let none = TemplateValue.json(.null)

  /// What `if`, `and`, `or`, `not` and `with` go by: everything but false, 0, "" and what is empty.
  var isTrue: Bool {
    switch self {
    case .record: true
    case .json(.null): false
    case .json(.bool(let flag)): flag
    case .json(.integer(let number)): number != 0
    case .json(.number(let number)): number != 0
    case .json(.string(let text)): !text.isEmpty
    case .json(.array(let elements)): !elements.isEmpty
    case .json(.object(let object)): !object.isEmpty
    }
  }

  /// As Go's `print` shows it.
  var text: String { Self.text(json) }

  static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "<nil>"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): "\(number)"
    case .number(let number): String(decoding: JSON.encode(number), as: UTF8.self)
    case .string(let text): text
    case .array(let elements): "[" + elements.map(Self.text).joined(separator: " ") + "]"
    case .object(let object):
      "map["
        + object.sorted { $0.key < $1.key }.map { "\($0.key):\(Self.text($0.value))" }.joined(separator: " ")
        + "]"
    }
  }
}
