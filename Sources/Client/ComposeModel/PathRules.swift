import JSON

/// Rules for the nodes of a tree, found by walking down from the root: `services.*.ports`, where `*` is any key or any
/// element of a list.
struct PathRules<Rule: Sendable>: Sendable {
  private(set) var rule: Rule?
  private var children: [String: PathRules] = [:]

  init(_ rules: KeyValuePairs<String, Rule> = [:]) {
    for (path, rule) in rules { add(rule, path.split(separator: ".")[...]) }
  }

  private mutating func add(_ rule: Rule, _ path: ArraySlice<Substring>) {
    guard let first = path.first else {
      self.rule = rule
      return
    }
    children[String(first), default: PathRules()].add(rule, path.dropFirst())
  }

  /// The rules below `key`; nil when nothing there has one.
  func below(_ key: String) -> PathRules? { children[key] ?? children["*"] }

  /// The rules of the elements of a list.
  var elements: PathRules? { children["*"] }
}

/// Where a node stands in a tree of compose; printed as docker compose does.
struct TreePath: CustomStringConvertible {
  private(set) var parts: [String]

  init(_ parts: String...) { self.parts = parts }

  func next(_ part: String) -> TreePath {
    var path = self
    path.parts.append(part)
    return path
  }

  var description: String { parts.joined(separator: ".") }
}

extension JSONValue {
  /// The text that Go's `%v` makes of a scalar.
  var goText: String {
    switch self {
    case .null: "<nil>"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let integer): "\(integer)"
    case .number(let number): GoText.number(number)
    case .string(let text): text
    case .array(let items): "[" + items.map(\.goText).joined(separator: " ") + "]"
    case .object(let object):
      "map["
        + object.members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.goText)" }
        .joined(separator: " ") + "]"
    }
  }
}
