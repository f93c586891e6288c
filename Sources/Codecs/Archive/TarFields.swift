/// The fields of a 512-byte header block (pax(1), "ustar Interchange Format"; GNU tar's manual, "Basic Tar Format").
enum TarField {
  static let name = 0..<100
  static let mode = 100..<108
  static let uid = 108..<116
  static let gid = 116..<124
  static let size = 124..<136
  static let modified = 136..<148
  static let checksum = 148..<156
  static let type = 156
  static let linkName = 157..<257
  static let magic = 257..<265
  static let deviceMajor = 329..<337
  static let deviceMinor = 337..<345
  static let prefix = 345..<500

  static let blockSize = 512

  /// How far contents of that size are padded to a whole block.
  static func padding(_ size: UInt64) -> Int { Int((512 - size % 512) % 512) }

  /// Octal digits between blanks, or GNU's big-endian binary when the first byte's high bit is set; nil when neither.
  static func number(_ bytes: UnsafeRawBufferPointer, _ field: Range<Int>) -> Int64? {
    let first = bytes[field.lowerBound]
    if first & 0x80 != 0 { return binary(bytes, field) }
    var value: Int64 = 0
    var digits = 0
    var ended = false
    for at in field {
      switch bytes[at] {
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        guard !ended, value < 1 << 59 else { return nil }
        value = value << 3 | Int64(bytes[at] - UInt8(ascii: "0"))
        digits += 1
      case 0, UInt8(ascii: " "):
        if digits > 0 || bytes[at] == 0 { ended = true }
      default: return nil
      }
    }
    return value
  }

  private static func binary(_ bytes: UnsafeRawBufferPointer, _ field: Range<Int>) -> Int64? {
    let negative = bytes[field.lowerBound] & 0x40 != 0
    var value: Int64 = negative ? -1 : 0
    for at in field {
      let byte = at == field.lowerBound ? (negative ? bytes[at] | 0x80 : bytes[at] & 0x7f) : bytes[at]
      guard value >= -(1 << 54), value < 1 << 54 else { return nil }
      value = value << 8 | Int64(byte)
    }
    return value
  }

  /// The bytes up to the first NUL.
  static func text(_ bytes: UnsafeRawBufferPointer, _ field: Range<Int>) -> [UInt8] {
    Array(bytes[field].prefix { $0 != 0 })
  }

  /// The sum of all bytes with the checksum itself as blanks. Old programs summed signed bytes.
  static func sums(_ bytes: UnsafeRawBufferPointer) -> (unsigned: Int64, signed: Int64) {
    var unsigned: Int64 = 0
    var high: Int64 = 0
    for byte in bytes {
      unsigned += Int64(byte)
      high += Int64(byte >> 7)
    }
    for at in checksum {
      unsigned -= Int64(bytes[at]) - 32
      high -= Int64(bytes[at] >> 7)
    }
    return (unsigned, unsigned - 256 * high)
  }
}
