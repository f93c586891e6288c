import SeededNumbers
import Testing

@testable import Archive

struct ZipReaderTests {
  /// Deflated by zlib: fixed codes, a match, and a stored block.
  @Test(
    arguments: [
      ([0x4b, 0x4c, 0x4a, 0x06, 0x00], "abc"),
      ([0x4b, 0x4c, 0x44, 0x06, 0x00], String(repeating: "a", count: 14)),
      ([0x01, 0x03, 0x00, 0xfc, 0xff, 0x61, 0x62, 0x63], "abc"),
      ([0x03, 0x00], ""),
    ] as [([UInt8], String)])
  func `deflated data is made whole`(bytes: [UInt8], text: String) throws {
    #expect(try Inflate.data(bytes[...], limit: 100) == Array(text.utf8))
  }

  /// A block with codes of its own.
  @Test func `codes that come with the data are read`() throws {
    let text = (0..<40).map { "\($0) squared is \($0 * $0), " }.joined()
    let bytes: [UInt8] = [
      0x5d, 0x92, 0x31, 0x0e, 0x43, 0x31, 0x08, 0x43, 0xaf, 0xc2, 0x01, 0x32, 0x04, 0x48, 0x48, 0x72, 0x9c,
      0x4a, 0xed, 0xd0, 0xb1, 0xad, 0x7a, 0xff, 0xe2, 0x3f, 0xe1, 0x8e, 0x41, 0xc8, 0x7e, 0x36, 0xe9, 0xf2,
      0x79, 0x7d, 0x6f, 0xef, 0xc7, 0x5d, 0x9e, 0x1f, 0xe9, 0x4d, 0xb4, 0xbe, 0xb5, 0x89, 0xd5, 0xf7, 0x68,
      0xe2, 0xf5, 0x7d, 0x9a, 0x0c, 0xda, 0x8f, 0x26, 0xb3, 0x0e, 0x6c, 0x36, 0x89, 0x3a, 0xf0, 0xdc, 0x58,
      0x24, 0x99, 0x1a, 0xbb, 0x0e, 0x22, 0x4d, 0x4e, 0x1d, 0xec, 0xa4, 0xd0, 0x4e, 0x36, 0x1d, 0xa0, 0x4c,
      0x6a, 0xd8, 0x22, 0x58, 0x1d, 0xa9, 0xa4, 0xce, 0x7c, 0xe9, 0xa6, 0x8c, 0x7c, 0x92, 0x48, 0x19, 0x1a,
      0xd4, 0x1a, 0x9c, 0x03, 0x5b, 0x04, 0x6e, 0x1b, 0x5a, 0x84, 0xee, 0x06, 0xc7, 0xc3, 0x79, 0xd1, 0x21,
      0xd1, 0x0f, 0xd0, 0x1b, 0xd1, 0x8f, 0x81, 0x2d, 0xae, 0x7a, 0xa7, 0x96, 0x11, 0xfd, 0xb4, 0x74, 0x34,
      0xa2, 0x9f, 0x2b, 0xb9, 0x8c, 0xe8, 0x03, 0xf4, 0x46, 0xf4, 0x71, 0x6d, 0x11, 0xfd, 0xba, 0xb4, 0x88,
      0x7e, 0x5d, 0x8e, 0x5c, 0x3d, 0xb8, 0x9c, 0xe8, 0x0f, 0xe8, 0x9d, 0xe8, 0x0f, 0x32, 0x3a, 0x77, 0xdf,
      0x51, 0x85, 0x73, 0xf9, 0x1d, 0x8d, 0x39, 0xb7, 0xaf, 0x28, 0xd6, 0x27, 0x9f, 0x12, 0x09, 0x3c, 0x78,
      0x86, 0x33, 0x39, 0x45, 0x50, 0xc7, 0x35, 0x7d, 0xff, 0xdd, 0x1c, 0xbe, 0x14, 0x42, 0x27, 0xfe, 0xc6,
      0x0f,
    ]
    #expect(try Inflate.data(bytes[...], limit: 2000) == Array(text.utf8))
  }

  @Test func `data that is broken or too much is refused`() {
    #expect(throws: ArchiveError.self) { try Inflate.data([0x4b, 0x4c, 0x44, 0x06, 0x00], limit: 13) }
    for bytes in [[], [0x4b], [0x07], [0x01, 3, 0, 0xfc, 0xfe, 0x61], [0x05, 0xff, 0xff]] as [[UInt8]] {
      #expect(throws: ArchiveError.self) { try Inflate.data(bytes[...], limit: 100) }
    }
  }

  /// `meta.json` stored and `tls/docker/ca.pem` deflated, by Python's zipfile.
  static func archive(method: UInt8 = 0) -> [UInt8] {
    func number(_ value: UInt32, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(value >> (8 * $0) & 0xff) }
    }
    func fields(_ method: UInt8, _ data: [UInt8], _ plain: [UInt8], _ name: String) -> [UInt8] {
      [20, 0, 0, 0, method, 0, 0, 0, 0, 0] + number(ZipReader.sum(plain), 4) + number(UInt32(data.count), 4)
        + number(UInt32(plain.count), 4) + number(UInt32(name.utf8.count), 2) + [0, 0]
    }
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    let deflated: [UInt8] = [0x4b, 0x4c, 0x4a, 0x06, 0x00]
    for (name, method, data, plain) in [
      ("meta.json", method, Array("{}".utf8), Array("{}".utf8)), ("dir/", 0, [], []),
      ("tls/docker/ca.pem", 8, deflated, Array("abc".utf8)),
    ] as [(String, UInt8, [UInt8], [UInt8])] {
      let offset = UInt32(bytes.count)
      bytes += [0x50, 0x4b, 3, 4] + fields(method, data, plain, name) + Array(name.utf8) + data
      directory += [0x50, 0x4b, 1, 2, 20, 3] + fields(method, data, plain, name) + [0, 0, 0, 0, 0, 0]
      directory += number(0o100644 << 16, 4) + number(offset, 4) + Array(name.utf8)
    }
    let start = UInt32(bytes.count)
    bytes += directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 3, 0, 3, 0] + number(UInt32(directory.count), 4)
    return bytes + number(start, 4) + [0, 0]
  }

  @Test func `the files of an archive are read by its directory`() throws {
    let members = try ZipReader(Self.archive()).members(most: 5, limit: 100)
    #expect(members.map(\.name) == ["meta.json", "tls/docker/ca.pem"])
    #expect(members.map { String(decoding: $0.content, as: UTF8.self) } == ["{}", "abc"])
    #expect(ZipReader.isZip(Self.archive()) && !ZipReader.isZip(Array("meta.json".utf8)))
  }

  @Test func `limits hold, and what cannot be read is said`() {
    #expect(throws: ArchiveError.self) { try ZipReader(Self.archive()).members(most: 2, limit: 100) }
    #expect(throws: ArchiveError.self) { try ZipReader(Self.archive()).members(most: 5, limit: 4) }
    #expect(
      throws: ArchiveError.zip(
        "the archive is compressed by method 12: stored and deflated files can be read")
    ) {
      try ZipReader(Self.archive(method: 12)).members(most: 5, limit: 100)
    }
  }

  @Test func `no archive traps`() {
    var random = SeededNumbers(seed: 8)
    let whole = Self.archive()
    for _ in 0..<30_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      // What is refused is no archive.
      guard let members = try? ZipReader(bytes).members(most: 10, limit: 50) else { continue }
      #expect(members.reduce(0) { $0 + $1.content.count } <= 50)
      let noise = (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
      if let data = try? Inflate.data(noise[...], limit: 500) { #expect(data.count <= 500) }
    }
  }
}
