import JSON
import TextFormats
import YAML

/// The values of a YAML document, with aliases and merge keys resolved, and the places that `!reset` and `!override` mark.
struct YAMLTree {
  let value: JSONValue
  /// Paths that `!reset` or `!override` mark: what earlier files say there is dropped.
  let resets: [[String]]

  /// How many nodes a document may have once its aliases are followed.
  static let maximalNodes = 1_000_000

  init(_ root: YAMLNode) throws(ComposeError) {
    var reader = YAMLTreeReader()
    value = try reader.value(of: root, at: []) ?? .null
    resets = reader.resets
  }
}

private struct YAMLTreeReader {
  var resets: [[String]] = []
  private var nodes = 0

  /// The value of `node`, nil when it is marked to be dropped.
  mutating func value(of node: YAMLNode, at path: [String]) throws(ComposeError) -> JSONValue? {
    nodes += 1
    guard nodes <= YAMLTree.maximalNodes else {
      throw ComposeError("yaml: document contains excessive aliasing")
    }
    if case .alias(let target) = node.content { return try value(of: target, at: path) }
    if node.tag == "!reset" {
      resets.append(path)
      return nil
    }
    if node.tag == "!override" { resets.append(path) }
    switch node.content {
    case .scalar(let text, let style): return scalar(text, style, node.tag)
    case .sequence(let items):
      var values: [JSONValue] = []
      for (index, item) in items.enumerated() {
        if let value = try value(of: item, at: path + ["\(index)"]) { values.append(value) }
      }
      return .array(values)
    case .mapping(let pairs): return .object(try object(pairs, at: path))
    case .alias: return nil
    }
  }

  private func scalar(_ text: String, _ style: YAMLNode.ScalarStyle, _ tag: String) -> JSONValue {
    let standard = "tag:yaml.org,2002:"
    let isPlain = style == .plain && (tag.isEmpty || tag == "!reset" || tag == "!override")
    let isTyped = tag.hasPrefix(standard) && tag != standard + "str" && tag != standard + "binary"
    guard isPlain || isTyped, tag != "!" else { return .string(text) }
    switch ScalarValue(plain: text) {
    case .null: return .null
    case .boolean(let flag): return .bool(flag)
    case .integer(let integer):
      return tag == standard + "float" ? .number(Double(integer)) : .integer(integer)
    case .number(let number): return .number(number)
    case .string(let text): return .string(text)
    case .merge: return .string(text)
    }
  }

  private mutating func object(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], at path: [String]
  ) throws(ComposeError) -> JSONObject {
    var object = JSONObject()
    var merges: [YAMLNode] = []
    var lines: [String: Int] = [:]
    for (key, node) in pairs {
      let name = try name(of: key, at: path)
      if let line = lines[name] {
        throw ComposeError(
          "line \(key.line): mapping key \(GoQuote.text(name)) already defined at line \(line)")
      }
      lines[name] = key.line
      if name == "<<", case .scalar(_, .plain) = key.content {
        merges.append(node)
      } else if let value = try value(of: node, at: path + [name]) {
        object[name] = value
      }
    }
    for node in merges { try merge(node, into: &object, at: path) }
    return object
  }

  private func name(of key: YAMLNode, at path: [String]) throws(ComposeError) -> String {
    var node = key
    while case .alias(let target) = node.content { node = target }
    guard case .scalar(let text, let style) = node.content else {
      throw ComposeError("yaml: invalid map key: \(path.joined(separator: "."))")
    }
    let value = text == "<<" ? JSONValue.string(text) : scalar(text, style, node.tag)
    if case .string(let name) = value { return name }
    let place = path.isEmpty ? "at top level" : "in \(Self.shown(path))"
    throw ComposeError("non-string key \(place): \(value.goText)")
  }

  /// A path as `services.web[0].x`.
  private static func shown(_ path: [String]) -> String {
    var result = ""
    for part in path {
      if Int(part) != nil { result += "[\(part)]" } else { result += result.isEmpty ? part : ".\(part)" }
    }
    return result
  }

  /// Adds the members of a merge key's value that `object` does not have; of several maps the first wins.
  private mutating func merge(
    _ node: YAMLNode, into object: inout JSONObject, at path: [String]
  ) throws(ComposeError) {
    switch node.content {
    case .alias(let target): try merge(target, into: &object, at: path)
    case .mapping:
      guard let merged = try value(of: node, at: path)?.object else { return }
      for (key, value) in merged where object[key] == nil { object[key] = value }
    case .sequence(let items): for item in items { try merge(item, into: &object, at: path) }
    case .scalar: throw ComposeError("yaml: map merge requires map or sequence of maps as the value")
    }
  }
}

/// Drops from `tree` what stands at one of `paths`, in which `*` is any key.
func dropping(_ paths: [[String]], from tree: JSONValue, at path: [String] = []) -> JSONValue {
  guard !paths.isEmpty else { return tree }
  switch tree {
  case .object(let object):
    var result = JSONObject()
    for (key, value) in object {
      let next = path + [key]
      let marked = paths.contains { pattern in
        pattern.count == next.count && zip(pattern, next).allSatisfy { $0 == "*" || $0 == $1 }
      }
      if !marked { result[key] = dropping(paths, from: value, at: next) }
    }
    return .object(result)
  case .array(let items):
    return .array(items.enumerated().map { dropping(paths, from: $1, at: path + ["[\($0)]"]) })
  default: return tree
  }
}
