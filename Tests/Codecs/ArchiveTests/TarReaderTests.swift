import SeededNumbers
import Testing

@testable import Archive

/// A header of fields given as text at their places, sealed with a checksum.
private func header(
  _ name: String, type: Character, size: String = "00000000000", magic: String = "ustar\u{0}00"
) -> [UInt8] {
  var block = [UInt8](repeating: 0, count: 512)
  func put(_ text: String, _ at: Int) {
    block.replaceSubrange(at..<(at + text.utf8.count), with: Array(text.utf8))
  }
  put(name, 0)
  put("0000644", 100)
  put(size, 124)
  put("00000000000", 136)
  put(String(type), 156)
  put(magic, 257)
  put("        ", 148)
  let digits = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
  put(String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} ", 148)
  return block
}

private func padded(_ text: String) -> [UInt8] {
  let bytes = Array(text.utf8)
  return bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
}

private func octal(_ number: Int) -> String {
  let digits = String(number, radix: 8)
  return String(repeating: "0", count: 11 - digits.count) + digits
}

@Suite struct TarReaderTests {
  @Test func `GNU long names and links are joined to their entry`() throws {
    let path = String(repeating: "n", count: 300)
    let target = String(repeating: "t", count: 200)
    let bytes =
      header("././@LongLink", type: "K", size: octal(201), magic: "ustar  \u{0}") + padded(target + "\u{0}")
      + header("././@LongLink", type: "L", size: octal(301), magic: "ustar  \u{0}") + padded(path + "\u{0}")
      + header("short", type: "2", magic: "ustar  \u{0}")
    let entry = try #require(try members(bytes).first?.0)
    #expect(entry.pathText == path)
    #expect(entry.kind == .symbolicLink(target: Array(target.utf8)))
  }

  @Test func `a global header holds until the end and yields to a local one`() throws {
    let bytes =
      header("g", type: "g", size: octal(9)) + padded("9 uid=42\n") + header("a", type: "0")
      + header("x", type: "x", size: octal(8)) + padded("8 uid=7\n") + header("b", type: "0")
      + header("c", type: "0")
    #expect(try members(bytes).map(\.0.uid) == [42, 7, 42])
  }

  @Test func `an old archive without magic has directories by their slash`() throws {
    #expect(try members(header("d/", type: "\u{0}", magic: "")).map(\.0.kind) == [.directory])
  }

  @Test func `numbers beyond octal are GNU's binary`() throws {
    var block = header("big", type: "0")
    block.replaceSubrange(108..<116, with: [0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff])
    let sum = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    let digits = String(sum, radix: 8)
    block.replaceSubrange(
      148..<156, with: Array((String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} ").utf8))
    #expect(try members(block).first?.0.uid == 0x7fff_ffff)
  }

  @Test func `links and directories carry nothing, whatever their size says`() throws {
    let bytes =
      header("l", type: "1", size: octal(1000)) + header("d", type: "5", size: octal(1000))
      + header("f", type: "0")
    #expect(try members(bytes).count == 3)
  }

  @Test func `an archive may end behind its last entry, without padding and without an end`() throws {
    let first = header("a", type: "0", size: octal(3)) + padded("abc")
    let second = header("b", type: "0", size: octal(2)) + Array("de".utf8)
    for end in [second, second + [0, 0, 0]] {
      let found = try members(first + end)
      #expect(found.map { String(decoding: $0.1, as: UTF8.self) } == ["abc", "de"])
    }
  }

  private static func refused() -> [Refusal] {
    var damaged = header("file", type: "0")
    damaged[3] ^= 1
    let sparseRecord = header("x", type: "x", size: octal(22)) + padded("22 GNU.sparse.major=1\n")
    let badRecord = header("x", type: "x", size: octal(9)) + padded("99 uid=1\n")
    return [
      Refusal("a damaged header", damaged, .checksum(offset: 0)),
      Refusal("an end within a header", Array(header("file", type: "0").dropLast(200)), .truncated),
      Refusal(
        "an end within contents", header("f", type: "0", size: octal(600)) + padded("x"), .truncated),
      Refusal("GNU's sparse type", header("s", type: "S"), .sparse(path: "s")),
      Refusal("pax's sparse records", sparseRecord + header("s", type: "0"), .sparse(path: "s")),
      Refusal("an unknown type", header("q", type: "Q"), .entryType(UInt8(ascii: "Q"), path: "q")),
      Refusal(
        "a record that ends beyond its header", badRecord, .extendedHeader("bad record length")),
      Refusal(
        "a huge extended header", header("x", type: "x", size: octal(1 << 21)),
        .tooLarge("an extended header of 2097152 bytes")),
      Refusal(
        "letters in a number", header("f", type: "0", size: "0000000000z"),
        .number(field: "size", offset: 0)),
    ]
  }

  /// Bytes that are refused, shown in a test's output by their description alone.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let error: ArchiveError

    init(_ description: String, _ bytes: [UInt8], _ error: ArchiveError) {
      testDescription = description
      self.bytes = bytes
      self.error = error
    }
  }

  @Test(arguments: refused()) func `what cannot be read is refused`(refusal: Refusal) {
    #expect(throws: refusal.error) { try members(refusal.bytes) }
  }

  @Test func `damaged archives are read or refused, never more`() throws {
    var random = SeededNumbers(seed: 20)
    var entry = TarEntry("dir/" + String(repeating: "long", count: 60), .file, mode: 0o644)
    entry.attributes = [TarAttribute(name: "user.a", value: [1, 2, 3])]
    let whole = try archive([
      (entry, Array("text".utf8)), (TarEntry("l", .symbolicLink(target: [97]), mode: 0o777), []),
      (TarEntry("f", .file, mode: 0o600), [UInt8](repeating: 1, count: 700)),
    ])
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        if Bool.random(using: &random) {
          reseal(&bytes, after: at, &random)
        } else {
          bytes[at] = UInt8.random(in: 0...255, using: &random)
        }
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      do { _ = try members(bytes) } catch is ArchiveError {}
    }
  }

  /// Changes a byte of the header block around `at` and makes its checksum right again, so that the damage gets further.
  private func reseal(_ bytes: inout [UInt8], after at: Int, _ random: inout SeededNumbers) {
    let start = at / 512 * 512
    bytes[start + Int.random(in: 0..<148, using: &random)] = UInt8.random(in: 0...255, using: &random)
    bytes[start + 156] = [0x30, 0x31, 0x35, 0x78, 0x67, 0x4c, 0x4b].randomElement(using: &random) ?? 0x30
    let sum = bytes[start..<(start + 512)].enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
    }
    let digits = String(sum, radix: 8)
    let text = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "\u{0} "
    bytes.replaceSubrange((start + 148)..<(start + 156), with: Array(text.utf8.prefix(8)))
  }
}
