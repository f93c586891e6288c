/// Writes the fields of one message. What has its standard value is left out, as proto3 says.
public struct ProtobufWriter {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func number(_ field: Int, _ value: UInt64) {
    guard value != 0 else { return }
    varint(UInt64(field) << 3)
    varint(value)
  }

  public mutating func number(_ field: Int, _ value: Int64) { number(field, UInt64(bitPattern: value)) }
  public mutating func flag(_ field: Int, _ value: Bool) { number(field, value ? 1 as UInt64 : 0) }

  public mutating func bytes(_ field: Int, _ value: some Collection<UInt8>) {
    if !value.isEmpty { always(field, value) }
  }

  public mutating func text(_ field: Int, _ value: String) { bytes(field, value.utf8) }

  /// Written although it may be empty: an element of a list, or a message that is there.
  public mutating func always(_ field: Int, _ value: some Collection<UInt8>) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  public mutating func message(_ field: Int, _ value: some ProtobufWritable) {
    always(field, value.encoded())
  }

  public mutating func message(_ field: Int, _ value: (some ProtobufWritable)?) {
    if let value { message(field, value) }
  }

  /// Every element, also the empty ones.
  public mutating func texts(_ field: Int, _ values: [String]) {
    for value in values { always(field, value.utf8) }
  }

  public mutating func map(_ field: Int, _ values: [String: String]) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) { message(field, MapEntry(key, value)) }
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
