/// The elements of one array, in order.
struct UnkeyedDecoding: UnkeyedDecodingContainer {
  private let tree: Tree
  private let shown: Int
  private let dialect: JSONDialect
  private let end: Int
  private var element: Int
  private(set) var currentIndex = 0

  init(tree: Tree, array: Int?, shown: Int, dialect: JSONDialect) {
    self.tree = tree
    self.shown = shown
    self.dialect = dialect
    element = (array ?? 0) + 1
    end = array.map(tree.next) ?? element
  }

  var codingPath: [any CodingKey] { tree.path(to: shown) }
  var isAtEnd: Bool { element >= end }

  var count: Int? {
    var rest = element
    var count = currentIndex
    while rest < end {
      count += 1
      rest = tree.next(rest)
    }
    return count
  }

  /// Takes the next element.
  private mutating func take<T>(_ decode: (TreeDecoder) throws -> T) throws -> T {
    guard !isAtEnd else { throw tree.error(at: shown, "expected more than \(currentIndex) elements") }
    let result = try decode(TreeDecoder(tree: tree, node: element, dialect: dialect))
    element = tree.next(element)
    currentIndex += 1
    return result
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, tree.nodes[element].kind == .null else { return false }
    return try take { $0.decodeNil() }
  }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try take { try $0.decode(type) } }
  mutating func decode(_ type: Bool.Type) throws -> Bool { try take { try $0.bool() } }
  mutating func decode(_ type: String.Type) throws -> String { try take { try $0.string() } }
  mutating func decode(_ type: Double.Type) throws -> Double { try take { try $0.double() } }
  mutating func decode(_ type: Float.Type) throws -> Float { try take { Float(try $0.double()) } }
  mutating func decode(_ type: Int.Type) throws -> Int { try take { try $0.integer() } }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try take { try $0.integer() } }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try take { try $0.integer() } }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try take { try $0.integer() } }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try take { try $0.integer() } }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try take { try $0.integer() } }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try take { try $0.integer() } }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try take { try $0.integer() } }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try take { try $0.integer() } }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try take { try $0.integer() } }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try take { try $0.container(keyedBy: type) }
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try take { try $0.unkeyedContainer() }
  }
  mutating func superDecoder() throws -> any Decoder { try take { $0 } }
}
