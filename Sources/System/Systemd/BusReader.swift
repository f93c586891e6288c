/// Bytes to values; nothing a peer sends is believed.
struct BusReader {
  private let bytes: [UInt8]
  private(set) var position = 0
  /// Types inside of types; more than 32 each of arrays and structures no message may have.
  private static let deepest = 64

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position >= bytes.count }

  mutating func align(to boundary: Int) throws(SystemdError) {
    let next = (position + boundary - 1) / boundary * boundary
    guard next <= bytes.count else { throw .nonsense("a message that ends in its padding") }
    position = next
  }

  /// One value for each complete type of the signature.
  mutating func values(_ signature: String) throws(SystemdError) -> [BusValue] {
    var rest = Array(signature.utf8)[...]
    var found: [BusValue] = []
    while !rest.isEmpty { found.append(try value(&rest, depth: 0)) }
    return found
  }

  private mutating func value(_ types: inout ArraySlice<UInt8>, depth: Int) throws(SystemdError) -> BusValue {
    guard depth < Self.deepest else { throw .nonsense("a value that is nested too deeply") }
    guard let type = types.popFirst() else { throw .nonsense("a type that is cut off") }
    switch type {
    case UInt8(ascii: "y"): return .byte(try take(1)[0])
    case UInt8(ascii: "b"): return .boolean(try number() != 0)
    case UInt8(ascii: "i"): return .int32(Int32(bitPattern: try number()))
    case UInt8(ascii: "u"): return .uint32(try number())
    case UInt8(ascii: "x"): return .int64(Int64(bitPattern: try wide()))
    case UInt8(ascii: "t"): return .uint64(try wide())
    case UInt8(ascii: "s"): return .string(try text(Int(try number())))
    case UInt8(ascii: "o"): return .path(try text(Int(try number())))
    case UInt8(ascii: "g"): return .signature(try text(Int(try take(1)[0])))
    case UInt8(ascii: "v"):
      var inner = Array(try text(Int(try take(1)[0])).utf8)[...]
      let value = try value(&inner, depth: depth + 1)
      guard inner.isEmpty else { throw .nonsense("a variant of several values") }
      return .variant(value)
    case UInt8(ascii: "a"): return try array(&types, depth: depth)
    case UInt8(ascii: "("): return try structure(&types, end: UInt8(ascii: ")"), depth: depth)
    case UInt8(ascii: "{"): return try structure(&types, end: UInt8(ascii: "}"), depth: depth)
    default: throw .nonsense("a value of the unknown type \(type)")
    }
  }

  private mutating func structure(
    _ types: inout ArraySlice<UInt8>, end: UInt8, depth: Int
  ) throws(SystemdError) -> BusValue {
    try align(to: 8)
    var fields: [BusValue] = []
    while let next = types.first, next != end { fields.append(try value(&types, depth: depth + 1)) }
    guard types.popFirst() == end, !fields.isEmpty else { throw .nonsense("a structure without an end") }
    return .structure(fields)
  }

  private mutating func array(_ types: inout ArraySlice<UInt8>, depth: Int) throws(SystemdError) -> BusValue {
    let length = Int(try number())
    guard let first = types.first else { throw .nonsense("an array of nothing") }
    try align(to: BusValue.alignment(first))
    guard length <= bytes.count - position else { throw .nonsense("an array that is cut off") }
    let end = position + length
    var elements: [BusValue] = []
    var after = types
    // Once more for an empty one: its type is to be stepped over all the same.
    try Self.skip(&after, depth: depth + 1)
    let element = String(decoding: types[..<after.startIndex], as: UTF8.self)
    while position < end {
      var type = types
      elements.append(try value(&type, depth: depth + 1))
    }
    guard position == end else { throw .nonsense("an array whose length is wrong") }
    types = after
    return .array(of: element, elements)
  }

  /// Steps over one complete type.
  private static func skip(_ types: inout ArraySlice<UInt8>, depth: Int) throws(SystemdError) {
    guard depth < deepest, let type = types.popFirst() else { throw .nonsense("a type that is cut off") }
    switch type {
    case UInt8(ascii: "a"): try skip(&types, depth: depth + 1)
    case UInt8(ascii: "("), UInt8(ascii: "{"):
      let end = type == UInt8(ascii: "(") ? UInt8(ascii: ")") : UInt8(ascii: "}")
      while let next = types.first, next != end { try skip(&types, depth: depth + 1) }
      guard types.popFirst() == end else { throw .nonsense("a structure without an end") }
    default: return
    }
  }

  mutating func number() throws(SystemdError) -> UInt32 {
    try align(to: 4)
    return try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private mutating func wide() throws(SystemdError) -> UInt64 {
    try align(to: 8)
    return try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func text(_ length: Int) throws(SystemdError) -> String {
    let text = try take(length + 1)
    guard text.last == 0 else { throw .nonsense("a string without an end") }
    return String(decoding: text.dropLast(), as: UTF8.self)
  }

  private mutating func take(_ count: Int) throws(SystemdError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw .nonsense("a message that is cut off") }
    defer { position += count }
    return Array(bytes[position..<(position + count)])[...]
  }
}
