/// Reads the fields of one message in the order they came (protobuf.dev, "Encoding").
public struct ProtobufReader {
  /// What stands in a field, by its wire type.
  public enum Value: Equatable {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)
  }

  public struct Field: Equatable {
    public var number: Int
    public var value: Value
    public init(number: Int, value: Value) {
      self.number = number
      self.value = value
    }
  }

  private var rest: ArraySlice<UInt8>

  public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// Nil at the end.
  public mutating func next() throws(ProtobufError) -> Field? {
    if rest.isEmpty { return nil }
    let key = try varint()
    guard key >> 3 > 0, key >> 3 <= 536_870_911 else { throw .malformed("no such field: \(key >> 3)") }
    let number = Int(key >> 3)
    switch key & 7 {
    case 0: return Field(number: number, value: .varint(try varint()))
    case 1: return Field(number: number, value: .fixed64(try fixed(8)))
    case 2:
      let count = try varint()
      guard count <= UInt64(rest.count) else { throw .truncated }
      return Field(number: number, value: .bytes(try take(Int(count))))
    case 5: return Field(number: number, value: .fixed32(UInt32(try fixed(4))))
    // Groups are older than proto3.
    default: throw .malformed("field \(number) has the wire type \(key & 7)")
    }
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw .truncated }
      // The tenth byte has room for one bit.
      if shift == 63, byte > 1 { throw .malformed("a number has more than 64 bits") }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte & 0x80 == 0 { return value }
    }
    throw .malformed("a number has more than 64 bits")
  }

  private mutating func fixed(_ count: Int) throws(ProtobufError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: Int) throws(ProtobufError) -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw .truncated }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

extension ProtobufReader.Value {
  /// The number; 0 for what is none, as a field that was left out.
  public var number: UInt64 {
    switch self {
    case .varint(let value), .fixed64(let value): value
    case .fixed32(let value): UInt64(value)
    case .bytes: 0
    }
  }
  public var signed: Int64 { Int64(bitPattern: number) }
  public var flag: Bool { number != 0 }
  /// The bytes; none for what is a number.
  public var slice: ArraySlice<UInt8> { if case .bytes(let bytes) = self { bytes } else { [] } }
  public var array: [UInt8] { Array(slice) }
  public var text: String { String(decoding: slice, as: UTF8.self) }
}
