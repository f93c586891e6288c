/// The keys of a runtime document: lists, maps, flags and user numbers that are absent or null read as
/// empty, false or zero, and empty lists and maps and false flags are not written.
protocol BundleKey: CodingKey {}

extension KeyedDecodingContainer where Key: BundleKey {
  func decode<T: Decodable>(_: [T].Type, forKey key: Key) throws -> [T] {
    try decodeIfPresent([T].self, forKey: key) ?? []
  }
  func decode<T: Decodable>(_: [String: T].Type, forKey key: Key) throws -> [String: T] {
    try decodeIfPresent([String: T].self, forKey: key) ?? [:]
  }
  func decode(_: Bool.Type, forKey key: Key) throws -> Bool {
    try decodeIfPresent(Bool.self, forKey: key) ?? false
  }
  func decode(_: Bundle.User.Type, forKey key: Key) throws -> Bundle.User {
    try decodeIfPresent(Bundle.User.self, forKey: key) ?? Bundle.User()
  }
  func decode(_: UInt32.Type, forKey key: Key) throws -> UInt32 {
    try decodeIfPresent(UInt32.self, forKey: key) ?? 0
  }
}

extension KeyedEncodingContainer where Key: BundleKey {
  mutating func encode<T: Encodable>(_ value: [T], forKey key: Key) throws {
    try encodeIfPresent(value.isEmpty ? nil : value, forKey: key)
  }
  mutating func encode<T: Encodable>(_ value: [String: T], forKey key: Key) throws {
    try encodeIfPresent(value.isEmpty ? nil : value, forKey: key)
  }
  mutating func encode(_ value: Bool, forKey key: Key) throws {
    try encodeIfPresent(value ? true : nil, forKey: key)
  }
}
