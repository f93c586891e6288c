/// The keys of a runtime document: lists, maps and flags that are absent or null read as empty or false,
/// and empty ones are not written.
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
