/// Decodes from one node of a tree.
struct TreeDecoder: Decoder {
  let tree: Tree
  /// The node to decode; nil where the text has nothing, which the docker dialect reads as zero values.
  let place: Int?
  let dialect: JSONDialect
  /// The node that messages point at.
  let node: Int

  init(tree: Tree, node: Int, dialect: JSONDialect) {
    self.tree = tree
    self.node = node
    self.dialect = dialect
    place = dialect == .docker && tree.nodes[node].kind == .null ? nil : node
  }

  /// A decoder for what is absent from a container.
  init(absentFrom container: Int, of tree: Tree, dialect: JSONDialect) {
    self.tree = tree
    node = container
    self.dialect = dialect
    place = nil
  }

  var codingPath: [any CodingKey] { tree.path(to: node) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if type == String.self, let text = try string() as? T { return text }
    if type == JSONValue.self, let value = (place.map(tree.value(at:)) ?? .null) as? T { return value }
    return try T(from: self)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    if let place, tree.nodes[place].kind != .object { throw mismatch("an object") }
    return KeyedDecodingContainer(KeyedDecoding(tree: tree, object: place, shown: node, dialect: dialect))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    if let place, tree.nodes[place].kind != .array { throw mismatch("an array") }
    return UnkeyedDecoding(tree: tree, array: place, shown: node, dialect: dialect)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func object() throws -> JSONObject {
    guard let place else { return [:] }
    guard tree.nodes[place].kind == .object else { throw mismatch("an object") }
    return tree.object(at: place)
  }

  /// The complaint that something else stands here.
  func mismatch(_ wanted: String) -> JSONError {
    let found =
      switch tree.nodes[node].kind {
      case .null: "null"
      case .yes, .no: "a truth value"
      case .integer, .number: "the number \(String(decoding: tree.text(at: node).prefix(40), as: UTF8.self))"
      case .string, .escapedString: "a string"
      case .array: "an array"
      case .object: "an object"
      }
    return tree.error(at: node, "expected \(wanted), found \(found)")
  }

  func string() throws -> String {
    guard let place else { return "" }
    switch tree.nodes[place].kind {
    case .string, .escapedString: return tree.string(at: place)
    default: throw mismatch("a string")
    }
  }

  func bool() throws -> Bool {
    guard let place else { return false }
    switch tree.nodes[place].kind {
    case .yes: return true
    case .no: return false
    default: throw mismatch("a truth value")
    }
  }

  func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws -> T {
    guard let place else { return 0 }
    guard let value: T = tree.integer(at: place) else { throw mismatch("a whole number (\(T.self))") }
    return value
  }

  func double() throws -> Double {
    guard let place else { return 0 }
    guard let value = tree.double(at: place) else { throw mismatch("a number") }
    return value
  }
}

extension TreeDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { place.map { tree.nodes[$0].kind == .null } ?? true }
  func decode(_ type: Bool.Type) throws -> Bool { try bool() }
  func decode(_ type: String.Type) throws -> String { try string() }
  func decode(_ type: Double.Type) throws -> Double { try double() }
  func decode(_ type: Float.Type) throws -> Float { Float(try double()) }
  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
}
