/// A type that reads itself from a JSON value by hand.
///
/// For programs that live for a few milliseconds: in a new process the generic types behind `Codable` take two
/// million instructions to be made before the first document is read, as much as everything else that such a
/// program does.
public protocol JSONReadable {
  init(json: JSONReader) throws(JSONError)
}

extension JSON {
  /// Reads a value, with the errors of `decode`; of several equal keys the last wins.
  public static func read<T: JSONReadable>(_ type: T.Type, from bytes: [UInt8]) throws(JSONError) -> T {
    try T(json: JSONReader(bytes))
  }
}

/// One value of a parsed text.
public struct JSONReader {
  private let tree: Tree
  private let node: Int

  /// The whole text.
  public init(_ bytes: [UInt8], depthLimit: Int = JSON.depthLimit) throws(JSONError) {
    tree = try Parser.parse(bytes, depthLimit: depthLimit)
    node = 0
  }

  private init(_ tree: Tree, _ node: Int) {
    self.tree = tree
    self.node = node
  }

  /// The value of a key; nil where it is absent or null.
  public func present(_ key: StaticString) throws(JSONError) -> JSONReader? {
    guard let found = try find(key), tree.nodes[found.node].kind != .null else { return nil }
    return found
  }

  /// The value of a key that must be there.
  public func member(_ key: StaticString) throws(JSONError) -> JSONReader {
    guard let found = try find(key) else { throw tree.error(at: node, "missing", key: "\(key)") }
    return found
  }

  private func find(_ key: StaticString) throws(JSONError) -> JSONReader? {
    guard tree.nodes[node].kind == .object else { throw mismatch("an object") }
    var found: JSONReader?
    var member = node + 1
    let end = tree.next(node)
    while member < end {
      if isNamed(member, key) { found = JSONReader(tree, member + 1) }
      member = tree.next(member + 1)
    }
    return found
  }

  private func isNamed(_ member: Int, _ key: StaticString) -> Bool {
    let name = tree.nodes[member]
    if name.kind == .escapedString { return tree.string(at: member) == "\(key)" }
    let count = key.utf8CodeUnitCount
    guard Int(name.end - name.start) == count else { return false }
    return tree.bytes.withUnsafeBufferPointer { bytes in
      for offset in 0..<count where bytes[Int(name.start) + offset] != key.utf8Start[offset] { return false }
      return true
    }
  }

  /// The values of an array, in order.
  public func elements() throws(JSONError) -> [JSONReader] {
    guard tree.nodes[node].kind == .array else { throw mismatch("an array") }
    var elements: [JSONReader] = []
    var element = node + 1
    while element < tree.next(node) {
      elements.append(JSONReader(tree, element))
      element = tree.next(element)
    }
    return elements
  }

  /// The keys and values of an object, in order.
  public func members() throws(JSONError) -> [(key: String, value: JSONReader)] {
    guard tree.nodes[node].kind == .object else { throw mismatch("an object") }
    var members: [(key: String, value: JSONReader)] = []
    var member = node + 1
    while member < tree.next(node) {
      members.append((tree.string(at: member), JSONReader(tree, member + 1)))
      member = tree.next(member + 1)
    }
    return members
  }

  public func string() throws(JSONError) -> String {
    switch tree.nodes[node].kind {
    case .string, .escapedString: return tree.string(at: node)
    default: throw mismatch("a string")
    }
  }

  public func bool() throws(JSONError) -> Bool {
    switch tree.nodes[node].kind {
    case .yes: return true
    case .no: return false
    default: throw mismatch("a truth value")
    }
  }

  /// The whole number here, or nil, by sign and amount: so nothing here is generic over the type asked for.
  public func wholeNumber() -> (isNegative: Bool, amount: UInt64)? {
    if let amount = tree.integer(at: node, as: UInt64.self) { return (false, amount) }
    guard let negative = tree.integer(at: node, as: Int64.self) else { return nil }
    return (true, negative.magnitude)
  }

  /// The complaint that something else stands here.
  public func mismatch(_ wanted: String) -> JSONError {
    TreeDecoder(tree: tree, node: node, dialect: .plain).mismatch(wanted)
  }

  /// A complaint about what stands here.
  public func error(_ message: String) -> JSONError { tree.error(at: node, message) }
}
