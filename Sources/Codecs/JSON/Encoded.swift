/// A value on its way to text. Containers are boxes, for Codable lets several be filled at the same time.
enum Encoded {
  case null
  case bool(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case number(Double)
  case float(Float)
  case string(String)
  case array(ArrayBox)
  case object(ObjectBox)
  case value(JSONValue)
  /// What another encoder will have put there by the time the text is written.
  case deferred(Slot)

  init<T: Encodable>(of value: T, in dialect: JSONDialect) throws {
    if let text = value as? String {
      self = .string(text)
      return
    }
    let slot = Slot()
    let nils = dialect == .docker ? T.self as? any NilWriting.Type : nil
    try value.encode(to: TreeEncoder(slot: slot, dialect: dialect, nils: nils))
    self = slot.value ?? .object(ObjectBox(sorted: false))
  }
}

/// The place for what one encoder makes.
final class Slot {
  var value: Encoded?
}

final class ArrayBox {
  var elements: [Encoded] = []
}

final class ObjectBox {
  var members: [(key: String, value: Encoded)] = []
  /// Whether the members are a dictionary's, which have no order of their own.
  let sorted: Bool

  init(sorted: Bool) { self.sorted = sorted }

  /// Sets a key, again if need be.
  func set(_ key: String, _ value: Encoded) {
    if !sorted, let place = members.firstIndex(where: { $0.key == key }) {
      members[place].value = value
    } else {
      members.append((key, value))
    }
  }
}

/// Encodes into one slot.
struct TreeEncoder: Encoder, SingleValueEncodingContainer {
  let slot: Slot
  let dialect: JSONDialect
  var nils: (any NilWriting.Type)?
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// A second container of the same value goes on filling the first: so Go's embedded structs are written.
  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    let box: ObjectBox
    if case .object(let existing) = slot.value {
      box = existing
    } else {
      box = ObjectBox(sorted: KeyNaming.isDictionary(type))
      slot.value = .object(box)
    }
    let naming = KeyNaming(type, in: dialect)
    return KeyedEncodingContainer(
      KeyedEncoding<Key>(object: box, naming: naming, dialect: dialect, nils: nils))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .array(let existing) = slot.value { return UnkeyedEncoding(array: existing, dialect: dialect) }
    let box = ArrayBox()
    slot.value = .array(box)
    return UnkeyedEncoding(array: box, dialect: dialect)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { slot.value = .null }
  func encode(_ value: Bool) { slot.value = .bool(value) }
  func encode(_ value: String) { slot.value = .string(value) }
  func encode(_ value: Double) { slot.value = .number(value) }
  func encode(_ value: Float) { slot.value = .float(value) }
  func encode(_ value: Int) { slot.value = .integer(Int64(value)) }
  func encode(_ value: Int8) { slot.value = .integer(Int64(value)) }
  func encode(_ value: Int16) { slot.value = .integer(Int64(value)) }
  func encode(_ value: Int32) { slot.value = .integer(Int64(value)) }
  func encode(_ value: Int64) { slot.value = .integer(value) }
  func encode(_ value: UInt) { slot.value = .unsigned(UInt64(value)) }
  func encode(_ value: UInt8) { slot.value = .unsigned(UInt64(value)) }
  func encode(_ value: UInt16) { slot.value = .unsigned(UInt64(value)) }
  func encode(_ value: UInt32) { slot.value = .unsigned(UInt64(value)) }
  func encode(_ value: UInt64) { slot.value = .unsigned(value) }
  func encode<T: Encodable>(_ value: T) throws { slot.value = try Encoded(of: value, in: dialect) }
}
