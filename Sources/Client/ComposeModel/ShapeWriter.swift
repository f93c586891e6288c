import JSON
import YAML

/// Turns canonical parts into what `config` prints and what hashes are taken of.
struct ShapeWriter {
  enum Format { case yaml, json }

  let format: Format
  private let shapes = Shapes.compose

  init(_ format: Format) { self.format = format }

  func write(_ part: String, _ object: JSONObject) -> JSONValue {
    var result = JSONObject()
    for field in shapes[part] {
      if let value = write(field, object[field.name]) { result[field.name] = value }
    }
    if format == .yaml {
      let extensions = object.keys.filter { $0.hasPrefix("x-") }.sorted(by: YAML.naturallyPrecedes)
      for key in extensions { result[key] = object[key].map(sorted) }
    }
    return .object(result)
  }

  /// A mapping of parts, its keys in the format's order.
  func write(_ part: String, members: JSONObject) -> JSONValue {
    inOrder(members) { $0 == .null ? .null : write(part, $0.object ?? [:]) }
  }

  /// A free tree with all its keys in the format's order.
  func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members): inOrder(members, sorted)
    case .array(let items): .array(items.map(sorted))
    default: value
    }
  }

  private func inOrder(_ members: JSONObject, _ body: (JSONValue) -> JSONValue) -> JSONValue {
    let ordered = members.members.sorted { left, right in
      format == .yaml
        ? YAML.naturallyPrecedes(left.key, right.key)
        : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }
    return .object(JSONObject(ordered.map { ($0.key, body($0.value)) }))
  }

  private func write(_ field: Shapes.Field, _ value: JSONValue?) -> JSONValue? {
    guard let value else { return unset(field) }
    switch field.kind {
    case .part(let part, let optional):
      let written = write(part, value.object ?? [:])
      return format == .yaml && !optional && written.object?.isEmpty == true ? JSONValue?.none : written
    case .list(let part): return .array((value.array ?? []).map { write(part, $0.object ?? [:]) })
    case .mapping(let part, _): return write(part, members: value.object ?? [:])
    case .scalar(let scalar): return write(scalar, value)
    }
  }

  private func unset(_ field: Shapes.Field) -> JSONValue? {
    if field.nullInJSON { return format == .json ? .null : nil }
    if case .part(let part, optional: false) = field.kind, format == .json { return write(part, [:]) }
    guard field.always, case .scalar(let scalar) = field.kind else { return nil }
    switch scalar {
    case .bool: return false
    case .int: return 0
    case .bytes: return "0"
    default: return ""
    }
  }

  private func write(_ scalar: Shapes.Scalar, _ value: JSONValue) -> JSONValue {
    switch scalar {
    case .bytes: return .string(value.goText)
    case .filemode: return .string("0" + String(value.integer ?? 0, radix: 8))
    case .mapping, .variables, .labels, .options, .multioptions: return sorted(value)
    case .hosts:
      let lines = (value.object ?? [:]).flatMap { host in
        (host.value.array ?? []).map { "\(host.key)=\($0.goText)" }
      }
      return .array(lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map(JSONValue.string))
    case .ulimits:
      return inOrder(value.object ?? [:]) { limit in
        guard case .object(let bounds) = limit else { return limit }
        return .object(JSONObject(["soft", "hard"].map { ($0, bounds[$0] ?? 0) }))
      }
    case .ssh:
      return .array(
        (value.array ?? []).map { key in
          let id = key["id"]?.string ?? ""
          let path = key["path"]?.string ?? ""
          return .string(path.isEmpty ? id : "\(id): \(path)")
        })
    case .envfiles: return .array((value.array ?? []).map(envFile))
    default: return value
    }
  }

  private func envFile(_ file: JSONValue) -> JSONValue {
    guard case .object(let members) = file else { return file }
    if members["required"]?.bool != false { return members["path"] ?? "" }
    return ["path": members["path"] ?? "", "required": false]
  }
}
