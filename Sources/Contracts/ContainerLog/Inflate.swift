/// What `Deflate` has made, back again. Of others' blocks only those with the fixed codes are understood.
struct Inflate {
  /// The input is cut off, garbled, or was made by somebody else.
  struct Failure: Error, Equatable {}

  private var bits: UInt64 = 0
  private var count = 0
  private var rest: [UInt8] = []
  private var start = 0

  mutating func append(_ more: [UInt8]) {
    rest.removeSubrange(..<start)
    start = 0
    rest += more
  }

  /// How many bytes are there for the next block.
  var available: Int { rest.count - start }

  /// The next block, and whether it is the last. Needs the whole block to be there.
  mutating func block() throws(Failure) -> (bytes: [UInt8], isLast: Bool) {
    let isLast = try bits(1) == 1
    guard try bits(2) == 1 else { throw Failure() }
    var bytes: [UInt8] = []
    while true {
      let symbol = try symbol()
      if symbol == 256 { return (bytes, isLast) }
      if symbol < 256 {
        bytes.append(UInt8(symbol))
      } else {
        try copy(symbol - 257, &bytes)
      }
      guard bytes.count <= Deflate.portion else { throw Failure() }
    }
  }

  private mutating func copy(_ place: Int, _ bytes: inout [UInt8]) throws(Failure) {
    guard place < DeflateCodes.lengths.count else { throw Failure() }
    let length = DeflateCodes.lengths[place] + (try bits(DeflateCodes.lengthBits[place]))
    let far = Int(DeflateCodes.reversed(try bits(5), 5))
    guard far < DeflateCodes.distances.count else { throw Failure() }
    let distance = DeflateCodes.distances[far] + (try bits(DeflateCodes.distanceBits[far]))
    guard distance <= bytes.count else { throw Failure() }
    for _ in 0..<length { bytes.append(bytes[bytes.count - distance]) }
  }

  private static let table: [(symbol: UInt16, length: UInt8)] = {
    var table = [(symbol: UInt16, length: UInt8)](repeating: (0, 0), count: 512)
    for (symbol, code) in DeflateCodes.symbols.enumerated() {
      for high in 0..<(1 << (9 - code.length)) {
        table[high << code.length | Int(code.code)] = (UInt16(symbol), UInt8(code.length))
      }
    }
    return table
  }()

  private mutating func symbol() throws(Failure) -> Int {
    fill()
    let (symbol, length) = Self.table[Int(bits & 511)]
    guard Int(length) <= count else { throw Failure() }
    bits >>= UInt64(length)
    count -= Int(length)
    return Int(symbol)
  }

  private mutating func bits(_ wanted: Int) throws(Failure) -> Int {
    fill()
    guard wanted <= count else { throw Failure() }
    let value = Int(bits & (1 << UInt64(wanted) - 1))
    bits >>= UInt64(wanted)
    count -= wanted
    return value
  }

  private mutating func fill() {
    while count <= 48, start < rest.count {
      bits |= UInt64(rest[start]) << UInt64(count)
      count += 8
      start += 1
    }
  }
}
