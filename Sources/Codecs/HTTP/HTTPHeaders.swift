/// Header fields in the order they stand; names are compared without regard to case.
public struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public struct Field: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  public private(set) var fields: [Field] = []

  public init() {}
  public init(_ fields: [(String, String)]) { self.fields = fields.map { Field(name: $0.0, value: $0.1) } }
  public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }

  /// The first field of this name.
  public subscript(name: String) -> String? { fields.first { isSame($0.name, name) }?.value }

  /// The values of every field of this name.
  public func all(_ name: String) -> [String] { fields.filter { isSame($0.name, name) }.map(\.value) }

  public mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

  /// Whether a comma-separated field such as `Connection` holds this word.
  public func contains(_ word: String, in name: String) -> Bool {
    all(name).contains { value in
      value.split(separator: ",").contains { isSame(trim($0), word) }
    }
  }
}

/// Equality of ASCII names without regard to case.
func isSame(_ a: String, _ b: String) -> Bool {
  a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lowered($0) == lowered($1) }
}

private func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }

func trim(_ text: Substring) -> String {
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
  guard let first = text.firstIndex(where: { !isBlank($0) }),
    let last = text.lastIndex(where: { !isBlank($0) })
  else { return "" }
  return String(text[first...last])
}
