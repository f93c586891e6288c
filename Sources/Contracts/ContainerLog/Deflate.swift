/// DEFLATE (RFC 1951) as far as logs need it: blocks with the fixed codes, matches inside a block only. Lines of a log
/// are much alike, so this takes them to a fifth or so, with little memory and no library.
struct Deflate {
  /// The most bytes that one block stands for.
  static let portion = 1 << 18
  static let longestMatch = 258
  static let window = 32768
  private static let hashBits: UInt32 = 14

  private var bits: UInt64 = 0
  private var count: UInt64 = 0
  private(set) var bytes: [UInt8] = []

  /// Appends one block.
  mutating func append(_ input: [UInt8], isLast: Bool) {
    put(isLast ? 1 : 0, 1)
    put(1, 2)
    var heads = [Int32](repeating: -1, count: 1 << Self.hashBits)
    var index = 0
    while index < input.count {
      let length = match(input, index, &heads)
      index += length
    }
    put(0, 7)
    if isLast { finish() }
  }

  /// What has been encoded so far, whole bytes only.
  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// Puts a match or a literal; how many bytes it stands for.
  private mutating func match(_ input: [UInt8], _ index: Int, _ heads: inout [Int32]) -> Int {
    guard index + 4 <= input.count else { return literal(input[index]) }
    let word =
      UInt32(input[index]) | UInt32(input[index + 1]) << 8 | UInt32(input[index + 2]) << 16
      | UInt32(input[index + 3]) << 24
    let slot = Int((word &* 0x9e37_79b1) >> (32 - Self.hashBits))
    let candidate = Int(heads[slot])
    heads[slot] = Int32(index)
    guard candidate >= 0, index - candidate <= Self.window else { return literal(input[index]) }
    var length = 0
    let most = min(Self.longestMatch, input.count - index)
    while length < most, input[candidate + length] == input[index + length] { length += 1 }
    guard length >= 4 else { return literal(input[index]) }
    put(length: length)
    put(distance: index - candidate)
    return length
  }

  private mutating func literal(_ byte: UInt8) -> Int {
    putSymbol(Int(byte))
    return 1
  }

  private mutating func put(length: Int) {
    let place = DeflateCodes.place(of: length, in: DeflateCodes.lengths)
    putSymbol(257 + place)
    put(UInt64(length - DeflateCodes.lengths[place]), UInt64(DeflateCodes.lengthBits[place]))
  }

  private mutating func put(distance: Int) {
    let place = DeflateCodes.place(of: distance, in: DeflateCodes.distances)
    put(UInt64(DeflateCodes.reversed(place, 5)), 5)
    put(UInt64(distance - DeflateCodes.distances[place]), UInt64(DeflateCodes.distanceBits[place]))
  }

  private mutating func putSymbol(_ symbol: Int) {
    let (code, length) = DeflateCodes.symbols[symbol]
    put(UInt64(code), UInt64(length))
  }

  private mutating func put(_ value: UInt64, _ length: UInt64) {
    bits |= value << count
    count += length
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      count -= 8
    }
  }

  private mutating func finish() {
    if count > 0 { bytes.append(UInt8(truncatingIfNeeded: bits)) }
    (bits, count) = (0, 0)
  }
}

/// The fixed codes (RFC 1951, 3.2.5 and 3.2.6).
enum DeflateCodes {
  static let lengths = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227,
    258,
  ]
  static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  static let distances = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
    4097,
    6145, 8193, 12289, 16385, 24577,
  ]
  static let distanceBits = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
  ]

  /// Every symbol's code as it is put, its first bit lowest, and how many bits it has.
  static let symbols: [(code: UInt16, length: Int)] = (0..<288).map { symbol in
    switch symbol {
    case ..<144: (reversed(0x30 + symbol, 8), 8)
    case ..<256: (reversed(0x190 + symbol - 144, 9), 9)
    case ..<280: (reversed(symbol - 256, 7), 7)
    default: (reversed(0xc0 + symbol - 280, 8), 8)
    }
  }

  static func reversed(_ code: Int, _ length: Int) -> UInt16 {
    (0..<length).reduce(0) { $0 | UInt16(code >> $1 & 1) << UInt16(length - 1 - $1) }
  }

  /// The last place whose value is not above `value`.
  static func place(of value: Int, in table: [Int]) -> Int {
    var (low, high) = (0, table.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if table[middle] <= value { low = middle } else { high = middle }
    }
    return low
  }
}

/// CRC-32 as gzip has it (RFC 1952, 8).
struct GzipChecksum {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
  }
  private var state: UInt32 = 0xffff_ffff

  var value: UInt32 { ~state }

  mutating func update(_ bytes: some Sequence<UInt8>) {
    let table = Self.table
    for byte in bytes { state = table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
  }
}
