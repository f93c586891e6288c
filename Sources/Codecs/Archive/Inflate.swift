/// Deflated data made whole again (RFC 1951), for small members of archives that a program without C libraries reads. It
/// is the plain way, bit by bit: layers are for Compression, and ContainerLog reads its own blocks alone.
public struct Inflate {
  private let input: ArraySlice<UInt8>
  private var next: Int
  private var held: UInt32 = 0
  private var heldBits = 0
  private var output: [UInt8] = []
  private let limit: Int

  /// The data behind `bytes`, which may go on behind its end. Throws for what is no deflated data, and for more than
  /// `limit` bytes of it.
  public static func data(_ bytes: ArraySlice<UInt8>, limit: Int) throws(ArchiveError) -> [UInt8] {
    var inflate = Inflate(bytes, limit: limit)
    while try !inflate.block() {}
    return inflate.output
  }

  private init(_ bytes: ArraySlice<UInt8>, limit: Int) {
    input = bytes
    next = bytes.startIndex
    self.limit = limit
  }

  private static let broken = ArchiveError.zip("the deflated data is broken")

  /// Reads one block; says whether it was the last.
  private mutating func block() throws(ArchiveError) -> Bool {
    let isLast = try bits(1) == 1
    switch try bits(2) {
    case 0: try stored()
    case 1: try compressed(Self.fixedLengths, Self.fixedDistances)
    case 2:
      let (lengths, distances) = try codes()
      try compressed(lengths, distances)
    default: throw Self.broken
    }
    return isLast
  }

  private mutating func bits(_ count: Int) throws(ArchiveError) -> Int {
    while heldBits < count {
      guard next < input.endIndex else { throw Self.broken }
      held |= UInt32(input[next]) << heldBits
      next += 1
      heldBits += 8
    }
    defer {
      held >>= count
      heldBits -= count
    }
    return Int(held & (1 << count - 1))
  }

  private mutating func stored() throws(ArchiveError) {
    (held, heldBits) = (0, 0)
    let length = try bits(16)
    guard try bits(16) == ~length & 0xffff, input.endIndex - next >= length else { throw Self.broken }
    try room(length)
    output += input[next..<next + length]
    next += length
  }

  private func room(_ count: Int) throws(ArchiveError) {
    guard output.count + count <= limit else { throw .tooLarge("more than \(limit) bytes of deflated data") }
  }

  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]

  private mutating func compressed(_ lengths: PrefixCode, _ distances: PrefixCode) throws(ArchiveError) {
    while true {
      let symbol = try symbol(lengths)
      if symbol == 256 { return }
      if symbol < 256 {
        try room(1)
        output.append(UInt8(symbol))
        continue
      }
      guard symbol - 257 < Self.lengthBases.count else { throw Self.broken }
      let length = try Self.lengthBases[symbol - 257] + bits(Self.lengthBits[symbol - 257])
      let code = try self.symbol(distances)
      guard code < 30 else { throw Self.broken }
      let extra = max(0, code / 2 - 1)
      let base = code < 2 ? code + 1 : (2 + code & 1) << extra + 1
      let distance = try base + bits(extra)
      guard distance <= output.count else { throw Self.broken }
      try room(length)
      // One at a time: what is copied may be what was just written.
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }

  // MARK: codes

  /// A canonical prefix code: how many codes there are of each length, and the symbols in the codes' order.
  private struct PrefixCode {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int]

    init(lengths: ArraySlice<Int>) throws(ArchiveError) {
      for length in lengths where length > 0 { counts[length] += 1 }
      var left = 1
      for count in counts.dropFirst() {
        left = left * 2 - count
        guard left >= 0 else { throw Inflate.broken }
      }
      symbols = lengths.indices.filter { lengths[$0] > 0 }.sorted {
        (lengths[$0], $0) < (lengths[$1], $1)
      }.map { $0 - lengths.startIndex }
    }

    /// For lengths that are known to make a code.
    fileprivate init(counts: [(length: Int, count: Int)], symbols: [Int]) {
      for (length, count) in counts { self.counts[length] = count }
      self.symbols = symbols
    }
  }

  private mutating func symbol(_ code: PrefixCode) throws(ArchiveError) -> Int {
    var (value, first, index) = (0, 0, 0)
    for length in 1...15 {
      value |= try bits(1)
      let count = code.counts[length]
      if value - first < count { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw Self.broken
  }

  private static let fixedLengths = PrefixCode(
    counts: [(7, 24), (8, 152), (9, 112)],
    symbols: Array(256..<280) + Array(0..<144) + Array(280..<288) + Array(144..<256))
  private static let fixedDistances = PrefixCode(counts: [(5, 30)], symbols: Array(0..<30))

  private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// The codes that a block brings with it.
  private mutating func codes() throws(ArchiveError) -> (lengths: PrefixCode, distances: PrefixCode) {
    let (literals, distances, given) = (try bits(5) + 257, try bits(5) + 1, try bits(4) + 4)
    guard literals <= 286, distances <= 30 else { throw Self.broken }
    var small = [Int](repeating: 0, count: 19)
    for place in Self.order.prefix(given) { small[place] = try bits(3) }
    let code = try PrefixCode(lengths: small[...])
    var lengths: [Int] = []
    while lengths.count < literals + distances {
      let symbol = try symbol(code)
      switch symbol {
      case ..<16: lengths.append(symbol)
      case 16:
        guard let last = lengths.last else { throw Self.broken }
        lengths += [Int](repeating: last, count: try bits(2) + 3)
      case 17: lengths += [Int](repeating: 0, count: try bits(3) + 3)
      default: lengths += [Int](repeating: 0, count: try bits(7) + 11)
      }
    }
    guard lengths.count == literals + distances, lengths[256] > 0 else { throw Self.broken }
    return (try PrefixCode(lengths: lengths[..<literals]), try PrefixCode(lengths: lengths[literals...]))
  }
}
