/// How the keys of one type are spelled in a dialect.
enum KeyNaming {
  /// Exactly as the key says.
  case written
  /// The first letter upper-cased; matched without regard to case when reading.
  case capitalized

  init<Key: CodingKey>(_ key: Key.Type, in dialect: JSONDialect) {
    self = dialect == .plain || Self.isDictionary(key) ? .written : .capitalized
  }

  func spell(_ key: some CodingKey) -> String {
    var name = key.stringValue
    guard self == .capitalized, let first = name.utf8.first, (97...122).contains(first) else { return name }
    return name.withUTF8 { letters in
      String(unsafeUninitializedCapacity: letters.count) { spelled in
        _ = spelled.initialize(from: letters)
        spelled[0] = first - 32
        return letters.count
      }
    }
  }

  /// The key type by which the standard library's dictionaries encode themselves; it has no public name.
  static let dictionaryKey: ObjectIdentifier? = {
    let probe = KeyProbe()
    // The probe records the key type and throws away the rest; it never throws.
    try? ["": 0].encode(to: probe)
    return probe.found
  }()

  static func isDictionary<Key: CodingKey>(_ key: Key.Type) -> Bool { ObjectIdentifier(key) == dictionaryKey }
}

/// An encoder that only remembers which key type it was asked for.
private final class KeyProbe: Encoder {
  var found: ObjectIdentifier?
  let inner = TreeEncoder(slot: Slot(), dialect: .plain)
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    found = ObjectIdentifier(type)
    return KeyedEncodingContainer(
      KeyedEncoding<Key>(object: ObjectBox(sorted: false), naming: .written, dialect: .plain))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { inner.unkeyedContainer() }
  func singleValueContainer() -> any SingleValueEncodingContainer { inner.singleValueContainer() }
}
