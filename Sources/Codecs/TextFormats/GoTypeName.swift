import JSON

extension JSONValue {
  /// The name that Go's `%T` gives what encoding/json makes of the value.
  public var goType: String {
    switch self {
    case .null: "<nil>"
    case .bool: "bool"
    case .integer: "int"
    case .number: "float64"
    case .string: "string"
    case .array: "[]interface {}"
    case .object: "map[string]interface {}"
    }
  }
}
