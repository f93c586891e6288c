import Archive
import Testing

@testable import Compression

/// Gives an array in pieces of a certain size, as pipes do.
private final class SlicedSource: ByteSource {
  private let inner: ArraySource
  private let piece: Int
  init(_ bytes: [UInt8], piece: Int) {
    inner = ArraySource(bytes)
    self.piece = piece
  }
  func read(upTo count: Int) -> [UInt8] { inner.read(upTo: min(count, piece)) }
}

private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  var out: [UInt8] = []
  let writer = GzipWriter { out += $0 }
  try bytes.withUnsafeBytes { try writer.write($0) }
  try writer.finish()
  return out
}

private func zstd(_ bytes: [UInt8]) throws -> [UInt8] {
  var out: [UInt8] = []
  let writer = ZstdWriter { out += $0 }
  try bytes.withUnsafeBytes { try writer.write($0) }
  try writer.finish()
  return out
}

private func expand(_ bytes: [UInt8], piece: Int = 1 << 20, upTo count: Int = 1 << 16) throws -> [UInt8] {
  let source = DecompressedSource(SlicedSource(bytes, piece: piece))
  var all: [UInt8] = []
  while true {
    let some = try source.read(upTo: count)
    if some.isEmpty { return all }
    all += some
  }
}

private let text = (0..<3000).flatMap { Array("line \($0 % 37) of some text that repeats itself\n".utf8) }

@Suite struct CompressionTests {
  @Test(arguments: [0, 1, 13, 3000, 150_000]) func `what is compressed is expanded again`(count: Int) throws {
    let bytes = Array(text.prefix(count))
    #expect(try expand(gzip(bytes)) == bytes)
    #expect(try expand(zstd(bytes)) == bytes)
    #expect(try expand(bytes) == bytes)
  }

  @Test func `pieces of any size do`() throws {
    let bytes = Array(text.prefix(5000))
    for whole in [try gzip(bytes), try zstd(bytes)] {
      for piece in [1, 2, 3, 7, 17, 18, 19] {
        #expect(try expand(whole, piece: piece, upTo: piece * 3) == bytes)
      }
    }
  }

  @Test func `members and frames follow one another, and gzip's zeros`() throws {
    let first = Array("first\n".utf8)
    let second = Array(text.prefix(70_000))
    for piece in [1, 5, 1 << 20] {
      #expect(try expand(gzip(first) + gzip(second) + [0, 0, 0], piece: piece) == first + second)
      #expect(try expand(zstd(first) + zstd(second), piece: piece) == first + second)
    }
  }

  @Test func `gzip of another program is expanded`() throws {
    let golden: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 215, 81, 200, 73, 172, 76, 45, 226, 202, 192,
      201, 1, 0, 43, 116,
      179, 147, 39, 0, 0, 0,
    ]
    #expect(try expand(golden) == Array("hello, layer\nhello, layer\nhello, layer\n".utf8))
  }

  @Test func `an end too early is an error`() throws {
    for whole in [try gzip(text), try zstd(text)] {
      for cut in [7, whole.count / 2, whole.count - 9, whole.count - 1] {
        #expect(throws: CompressionError.truncated) { try expand(Array(whole.prefix(cut))) }
      }
    }
  }

  @Test func `damage is an error`() throws {
    var sum = try gzip(text)
    sum[sum.count - 6] ^= 1
    #expect(throws: CompressionError.corrupt("gzip checksum does not match")) { try expand(sum) }
    var frame = try zstd(text)
    frame[frame.count - 2] ^= 1
    #expect(throws: CompressionError.self) { try expand(frame) }
    #expect(throws: CompressionError.self) { try expand(gzip([1]) + Array("junk".utf8)) }
  }

  @Test func `formats are told by their first bytes, and some refused by name`() throws {
    #expect(CompressionFormat(start: try gzip([])) == .gzip)
    #expect(CompressionFormat(start: try zstd([])) == .zstd)
    #expect(CompressionFormat(start: []) == .none)
    #expect(throws: CompressionError.unsupported("bzip2")) { try expand(Array("BZh91AY".utf8)) }
    #expect(throws: CompressionError.unsupported("xz")) { try expand([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) }
  }

  @Test func `the same bytes compress to the same bytes`() throws {
    #expect(try gzip(text) == gzip(text))
    #expect(try zstd(text) == zstd(text))
  }
}
