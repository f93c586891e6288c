/// The members of an object being written.
struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let object: ObjectBox
  let naming: KeyNaming
  let dialect: JSONDialect
  var nils: (any NilWriting.Type)?
  var codingPath: [any CodingKey] { [] }

  private func set(_ key: Key, _ value: Encoded) { object.set(naming.spell(key), value) }

  mutating func encodeNil(forKey key: Key) { set(key, .null) }
  mutating func encode(_ value: Bool, forKey key: Key) { set(key, .bool(value)) }
  mutating func encode(_ value: String, forKey key: Key) { set(key, .string(value)) }
  mutating func encode(_ value: Double, forKey key: Key) { set(key, .number(value)) }
  mutating func encode(_ value: Float, forKey key: Key) { set(key, .float(value)) }
  mutating func encode(_ value: Int, forKey key: Key) { set(key, .integer(Int64(value))) }
  mutating func encode(_ value: Int8, forKey key: Key) { set(key, .integer(Int64(value))) }
  mutating func encode(_ value: Int16, forKey key: Key) { set(key, .integer(Int64(value))) }
  mutating func encode(_ value: Int32, forKey key: Key) { set(key, .integer(Int64(value))) }
  mutating func encode(_ value: Int64, forKey key: Key) { set(key, .integer(value)) }
  mutating func encode(_ value: UInt, forKey key: Key) { set(key, .unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt8, forKey key: Key) { set(key, .unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt16, forKey key: Key) { set(key, .unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt32, forKey key: Key) { set(key, .unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt64, forKey key: Key) { set(key, .unsigned(value)) }
  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    set(key, try Encoded(of: value, in: dialect))
  }

  mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) { orNil(value, key) { .bool($0) } }
  mutating func encodeIfPresent(_ value: String?, forKey key: Key) { orNil(value, key) { .string($0) } }
  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) { orNil(value, key) { .integer(Int64($0)) } }
  mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) { orNil(value, key) { .integer($0) } }
  mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { orNil(Bool?.none, key) { .bool($0) } }
  }

  private func orNil<T>(_ value: T?, _ key: Key, _ encoded: (T) -> Encoded) {
    if let value {
      set(key, encoded(value))
    } else if let nils, nils.writesNil(key) {
      set(key, .null)
    }
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    let box = ObjectBox(sorted: KeyNaming.isDictionary(type))
    set(key, .object(box))
    let naming = KeyNaming(type, in: dialect)
    return KeyedEncodingContainer(KeyedEncoding<Nested>(object: box, naming: naming, dialect: dialect))
  }
  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    let box = ArrayBox()
    set(key, .array(box))
    return UnkeyedEncoding(array: box, dialect: dialect)
  }
  mutating func superEncoder() -> any Encoder {
    let slot = Slot()
    object.set("super", .deferred(slot))
    return TreeEncoder(slot: slot, dialect: dialect)
  }
  mutating func superEncoder(forKey key: Key) -> any Encoder {
    let slot = Slot()
    set(key, .deferred(slot))
    return TreeEncoder(slot: slot, dialect: dialect)
  }
}

/// The elements of an array being written.
struct UnkeyedEncoding: UnkeyedEncodingContainer {
  let array: ArrayBox
  let dialect: JSONDialect
  var codingPath: [any CodingKey] { [] }
  var count: Int { array.elements.count }

  private func add(_ value: Encoded) { array.elements.append(value) }

  mutating func encodeNil() { add(.null) }
  mutating func encode(_ value: Bool) { add(.bool(value)) }
  mutating func encode(_ value: String) { add(.string(value)) }
  mutating func encode(_ value: Double) { add(.number(value)) }
  mutating func encode(_ value: Float) { add(.float(value)) }
  mutating func encode(_ value: Int) { add(.integer(Int64(value))) }
  mutating func encode(_ value: Int8) { add(.integer(Int64(value))) }
  mutating func encode(_ value: Int16) { add(.integer(Int64(value))) }
  mutating func encode(_ value: Int32) { add(.integer(Int64(value))) }
  mutating func encode(_ value: Int64) { add(.integer(value)) }
  mutating func encode(_ value: UInt) { add(.unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt8) { add(.unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt16) { add(.unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt32) { add(.unsigned(UInt64(value))) }
  mutating func encode(_ value: UInt64) { add(.unsigned(value)) }
  mutating func encode<T: Encodable>(_ value: T) throws { add(try Encoded(of: value, in: dialect)) }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<
    Nested
  > {
    let box = ObjectBox(sorted: KeyNaming.isDictionary(type))
    add(.object(box))
    let naming = KeyNaming(type, in: dialect)
    return KeyedEncodingContainer(KeyedEncoding<Nested>(object: box, naming: naming, dialect: dialect))
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    let box = ArrayBox()
    add(.array(box))
    return UnkeyedEncoding(array: box, dialect: dialect)
  }
  mutating func superEncoder() -> any Encoder {
    let slot = Slot()
    add(.deferred(slot))
    return TreeEncoder(slot: slot, dialect: dialect)
  }
}
