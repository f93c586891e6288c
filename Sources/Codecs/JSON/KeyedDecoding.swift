/// The members of one object. Keys are looked for from where the last was found, so that keys in order of
/// declaration, and all keys of a dictionary, are found at once.
final class KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let tree: Tree
  private let object: Int?
  private let shown: Int
  private let dialect: JSONDialect
  private let naming: KeyNaming
  private var cursor: Int

  init(tree: Tree, object: Int?, shown: Int, dialect: JSONDialect) {
    self.tree = tree
    self.object = object
    self.shown = shown
    self.dialect = dialect
    naming = KeyNaming(Key.self, in: dialect)
    cursor = (object ?? 0) + 1
  }

  var codingPath: [any CodingKey] { tree.path(to: shown) }

  var allKeys: [Key] {
    guard let object else { return [] }
    var keys: [Key] = []
    var member = object + 1
    while member < tree.next(object) {
      if let key = key(named: tree.string(at: member)) { keys.append(key) }
      member = tree.next(member + 1)
    }
    return keys
  }

  private func key(named name: String) -> Key? {
    if let key = Key(stringValue: name) { return key }
    return naming == .capitalized ? Key(stringValue: name.prefix(1).lowercased() + name.dropFirst()) : nil
  }

  /// The node of a key's value.
  private func find(_ key: some CodingKey) -> Int? {
    guard let object else { return nil }
    var name = naming.spell(key)
    return name.withUTF8 { find($0, from: object + 1, to: tree.next(object)) }
  }

  private func find(_ name: UnsafeBufferPointer<UInt8>, from first: Int, to end: Int) -> Int? {
    var inAnyCase: Int?
    var member = cursor < end ? cursor : first
    let start = member
    repeat {
      if matches(member, name, anyCase: false) { return found(member) }
      if naming != .written, inAnyCase == nil, matches(member, name, anyCase: true) { inAnyCase = member }
      guard member < end else { break }
      member = tree.next(member + 1)
      if member >= end { member = first }
    } while member != start
    return inAnyCase.map(found)
  }

  private func found(_ member: Int) -> Int {
    cursor = tree.next(member + 1)
    return member + 1
  }

  private func matches(_ member: Int, _ name: UnsafeBufferPointer<UInt8>, anyCase: Bool) -> Bool {
    guard let object, member < tree.next(object) else { return false }
    let node = tree.nodes[member]
    if node.kind == .escapedString {
      let text = tree.string(at: member)
      let wanted = String(decoding: name, as: UTF8.self)
      return anyCase ? text.lowercased() == wanted.lowercased() : text == wanted
    }
    guard Int(node.end - node.start) == name.count else { return false }
    return tree.bytes.withUnsafeBufferPointer { bytes in
      for offset in 0..<name.count {
        let (left, right) = (bytes[Int(node.start) + offset], name[offset])
        if left != right, !anyCase || fold(left) != fold(right) { return false }
      }
      return true
    }
  }

  private func fold(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }

  /// A decoder for a key's value; for what is absent one that gives zero values, where the dialect has them.
  private func decoder(_ key: some CodingKey) throws -> TreeDecoder {
    if let node = find(key) { return TreeDecoder(tree: tree, node: node, dialect: dialect) }
    if dialect == .docker { return TreeDecoder(absentFrom: shown, of: tree, dialect: dialect) }
    throw tree.error(at: shown, "missing", key: naming.spell(key))
  }

  private func present(_ key: Key) -> TreeDecoder? {
    guard let node = find(key), tree.nodes[node].kind != .null else { return nil }
    return TreeDecoder(tree: tree, node: node, dialect: dialect)
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder(key).decode(type) }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoder(key).bool() }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try decoder(key).string() }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try decoder(key).double() }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { Float(try decoder(key).double()) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try decoder(key).integer() }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try decoder(key).integer() }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try decoder(key).integer() }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try decoder(key).integer() }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try decoder(key).integer() }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try decoder(key).integer() }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try decoder(key).integer() }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try decoder(key).integer() }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try decoder(key).integer() }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try decoder(key).integer() }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try present(key)?.decode(type)
  }
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key)?.bool() }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(key)?.string() }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try present(key)?.integer() }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try present(key)?.integer() }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { try decoder(PathKey(stringValue: "super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}
