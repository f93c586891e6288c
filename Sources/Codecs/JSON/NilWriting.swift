/// A type whose optionals stand in docker's JSON as `null` where they are nil, as Go writes slices, maps and pointers that
/// are not marked `omitempty`. Programs look for the keys. (Other types leave out what is nil.)
public protocol NilWriting: Encodable {
  /// Whether a nil under this key is written.
  static func writesNil(_ key: any CodingKey) -> Bool
}
