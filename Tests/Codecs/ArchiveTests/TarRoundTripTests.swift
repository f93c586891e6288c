import Testing

@testable import Archive

/// The archive that holds the entries and contents.
func archive(_ members: [(TarEntry, [UInt8])]) throws -> [UInt8] {
  var bytes: [UInt8] = []
  var writer = TarWriter { bytes += $0 }
  for (entry, contents) in members { try writer.add(entry, contents) }
  try writer.finish()
  return bytes
}

/// Everything in an archive.
func members(_ bytes: [UInt8], piece: Int = 1 << 20) throws -> [(TarEntry, [UInt8])] {
  let reader = TarReader(SlicedSource(bytes, piece: piece))
  var all: [(TarEntry, [UInt8])] = []
  while let entry = try reader.next() { all.append((entry, try reader.contents(limit: 1 << 20))) }
  return all
}

/// Gives an array in pieces of a certain size, as pipes do.
final class SlicedSource: ByteSource {
  private let inner: ArraySource
  private let piece: Int
  init(_ bytes: [UInt8], piece: Int) {
    inner = ArraySource(bytes)
    self.piece = piece
  }
  func read(upTo count: Int) -> [UInt8] { inner.read(upTo: min(count, piece)) }
}

private func named(
  _ path: String, _ kind: TarEntry.Kind = .file, _ change: (inout TarEntry) -> Void = { _ in }
) -> TarEntry {
  var entry = TarEntry(path, kind, mode: 0o644)
  change(&entry)
  return entry
}

private let long = String(repeating: "directory/", count: 9) + "file"
private let longer = String(repeating: "directory-of-a-long-name/", count: 40) + "file"

@Suite struct TarRoundTripTests {
  @Test(arguments: [
    named("file"),
    named(long),
    named(String(repeating: "d/", count: 120) + "f"),
    named(longer),
    named(String(repeating: "x", count: 101)),
    named("Főtanúsítvány.crt"),
    named("dir/", .directory) { $0.mode = 0o1777 },
    named("hard", .hardLink(target: Array(longer.utf8))),
    named("soft", .symbolicLink(target: Array("../é".utf8))),
    named("null", .characterDevice(major: 1, minor: 3)),
    named("disk", .blockDevice(major: 259, minor: 1_048_575)),
    named("pipe", .fifo),
    named("setuid") { $0.mode = 0o6755 },
    named("far") { ($0.uid, $0.gid) = (4_294_967_294, 2_097_152) },
    named("old") { $0.modified = TarTime(seconds: -2, nanoseconds: 500_000_000) },
    named("precise") { $0.modified = TarTime(seconds: 1_700_000_000, nanoseconds: 7) },
    named("late") { $0.modified = TarTime(seconds: 1 << 34) },
    named("capable") {
      $0.attributes = [
        TarAttribute(name: "security.capability", value: [1, 0, 0, 2, 10, 61, 0]),
        TarAttribute(name: "user.note", value: Array("ünï=\n".utf8)),
      ]
    },
  ]) func `what is written is read`(entry: TarEntry) throws {
    let contents = entry.kind == .file ? Array("contents of some length".utf8) : []
    var expected = entry
    expected.size = UInt64(contents.count)
    for piece in [1, 511, 512, 1 << 20] {
      let read = try members(try archive([(entry, contents), (named("after"), [7])]), piece: piece)
      #expect(read.map(\.0) == [expected, named("after") { $0.size = 1 }])
      #expect(read.map(\.1) == [contents, [7]])
    }
  }

  @Test func `a path that is no UTF-8 keeps its bytes`() throws {
    let entry = TarEntry(path: [0x66, 0xe9, 0xff], kind: .file, mode: 0o600)
    #expect(try members(archive([(entry, [])])).map(\.0) == [entry])
  }

  @Test func `framing and contents together are the archive`() throws {
    let bytes = try archive([
      (named("a"), Array("12345".utf8)), (named("skipped"), [9]), (named("b"), [8, 8]),
    ])
    var seen: [UInt8] = []
    let reader = TarReader(ArraySource(bytes + [1, 2, 3])) { seen += $0 }
    while let entry = try reader.next() {
      if entry.pathText != "skipped" { try reader.contents { seen += $0 } }
    }
    #expect(seen == bytes + [1, 2, 3])
  }

  @Test func `the header of a plain file is ustar to the byte`() throws {
    let bytes = try archive([(named("hello") { $0.modified = TarTime(seconds: 8) }, Array("hi".utf8))])
    #expect(bytes.count == 2048)
    var expected = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ at: Int) {
      expected.replaceSubrange(at..<(at + text.utf8.count), with: Array(text.utf8))
    }
    put("hello", 0)
    put("0000644", 100)
    put("0000000", 108)
    put("0000000", 116)
    put("00000000002", 124)
    put("00000000010", 136)
    put("ustar\u{0}00", 257)
    put("0000000", 329)
    put("0000000", 337)
    put("0", 156)
    let sum = expected.reduce(8 * 32) { $0 + Int($1) }
    put("0" + String(sum, radix: 8) + "\u{0} ", 148)
    #expect(Array(bytes[..<512]) == expected)
    #expect(Array(bytes[512..<514]) == Array("hi".utf8))
    #expect(bytes[514...].allSatisfy { $0 == 0 })
  }
}
