import JSON
import TextFormats

/// Reads parts of a project into canonical form: every field of its kind, unset ones absent, `x-` keys kept last.
struct ShapeReader {
  let shapes = Shapes.compose
  let warn: (String) -> Void

  func read(_ part: String, _ value: JSONValue, _ path: String) throws(ComposeError) -> JSONObject {
    guard case .object(let object) = value else {
      if value == .null { return [:] }
      throw ComposeError("'\(path)' expected a map, got '\(value.goType)'")
    }
    var result = JSONObject()
    for field in shapes[part] {
      guard let value = object[field.name], value != .null else { continue }
      if let read = try self.field(field, value, "\(path).\(field.name)") { result[field.name] = read }
    }
    for (key, value) in object where key.hasPrefix("x-") { result[key] = value }
    return result
  }

  private func field(_ field: Shapes.Field, _ value: JSONValue, _ path: String) throws(ComposeError)
    -> JSONValue?
  {
    switch field.kind {
    case .part(let part, let optional):
      let read = try self.read(part, value, path)
      return read.isEmpty && !optional ? JSONValue?.none : .object(read)
    case .list(let part):
      guard case .array(let items) = value else { throw unexpected(value, "slice", path) }
      var result: [JSONValue] = []
      for (place, item) in items.enumerated() {
        result.append(.object(try read(part, item, "\(path)[\(place)]")))
      }
      return result.isEmpty ? JSONValue?.none : .array(result)
    case .mapping(let part, let nullable):
      guard case .object(let members) = value else { throw unexpected(value, "map", path) }
      var result = JSONObject()
      for (key, member) in members {
        result[key] = nullable && member == .null ? .null : .object(try read(part, member, "\(path)[\(key)]"))
      }
      return result.isEmpty ? JSONValue?.none : .object(result)
    case .scalar(let scalar):
      let read: JSONValue
      do { read = try ScalarReader(path: path, warn: warn).read(scalar, value) } catch {
        let text = error.description.hasPrefix("'") ? error.description : "'\(path)' \(error)"
        throw ComposeError("decoding failed due to the following error(s):\n\n\(text)")
      }
      return field.keepsZero || !Self.isZero(read, scalar) ? read : JSONValue?.none
    }
  }

  private static func isZero(_ value: JSONValue, _ scalar: Shapes.Scalar) -> Bool {
    switch value {
    case .null: true
    case .bool(let flag): !flag
    case .integer(let integer): integer == 0
    case .number(let number): number == 0
    case .string(let text): text.isEmpty || (scalar == .duration && text == "0s")
    case .array(let items): items.isEmpty && scalar != .command
    case .object(let object): object.isEmpty
    }
  }

  private func unexpected(_ value: JSONValue, _ kind: String, _ path: String) -> ComposeError {
    ComposeError("'\(path)': source data must be an array or slice, got \(value.goType)")
  }
}
