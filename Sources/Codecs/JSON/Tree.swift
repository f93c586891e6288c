/// A parsed text: its values as a flat list, each container followed by what it contains.
final class Tree: Sendable {
  enum Kind: UInt8 { case null, yes, no, integer, number, string, escapedString, array, object }

  /// One value. An object is followed by key, value, key, value…; keys are strings.
  struct Node {
    var kind: Kind
    /// The bytes of the value; those of a string without its quotation marks.
    var start: UInt32
    var end: UInt32
    /// The place of the first node after this one and all it contains.
    var next: UInt32
  }

  let bytes: [UInt8]
  let nodes: [Node]

  init(bytes: [UInt8], nodes: [Node]) {
    self.bytes = bytes
    self.nodes = nodes
  }

  func next(_ node: Int) -> Int { Int(nodes[node].next) }

  func text(at node: Int) -> ArraySlice<UInt8> { bytes[Int(nodes[node].start)..<Int(nodes[node].end)] }

  /// The string at a node that is one, its escapes undone.
  func string(at node: Int) -> String {
    nodes[node].kind == .escapedString
      ? Unescaping.string(text(at: node)) : String(decoding: text(at: node), as: UTF8.self)
  }

  /// The whole number at a node; nil when it is none or does not fit.
  func integer<T: FixedWidthInteger>(at node: Int, as: T.Type = T.self) -> T? {
    switch nodes[node].kind {
    case .integer: Self.integer(text(at: node))
    case .number: double(at: node).flatMap { abs($0) < 9_007_199_254_740_992 ? T(exactly: $0) : nil }
    default: nil
    }
  }

  private static func integer<T: FixedWidthInteger>(_ digits: ArraySlice<UInt8>) -> T? {
    var rest = digits
    let negative = rest.first == UInt8(ascii: "-")
    if negative { rest.removeFirst() }
    var value: T = 0
    for digit in rest {
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let step = T(truncatingIfNeeded: digit &- 48)
      let (sum, overflowsToo) =
        negative ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
      guard !overflows, !overflowsToo else { return nil }
      value = sum
    }
    return value
  }

  func double(at node: Int) -> Double? {
    switch nodes[node].kind {
    case .integer, .number: Double(String(decoding: text(at: node), as: UTF8.self))
    default: nil
    }
  }

  /// The value at a node with all it contains.
  func value(at node: Int) -> JSONValue {
    switch nodes[node].kind {
    case .null: return .null
    case .yes: return .bool(true)
    case .no: return .bool(false)
    case .integer: return integer(at: node).map(JSONValue.integer) ?? .number(double(at: node) ?? 0)
    case .number: return .number(double(at: node) ?? 0)
    case .string, .escapedString: return .string(string(at: node))
    case .array:
      var elements: [JSONValue] = []
      var child = node + 1
      while child < next(node) {
        elements.append(value(at: child))
        child = next(child)
      }
      return .array(elements)
    case .object: return .object(object(at: node))
    }
  }

  func object(at node: Int) -> JSONObject {
    var object = JSONObject()
    var key = node + 1
    while key < next(node) {
      object[string(at: key)] = value(at: key + 1)
      key = next(key + 1)
    }
    return object
  }
}
