import Archive
import CBzip2
import CLzma
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

private func xz(_ bytes: [UInt8]) throws -> [UInt8] {
  var out = [UInt8](repeating: 0, count: lzma_stream_buffer_bound(bytes.count))
  var size = 0
  let code = lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nil, bytes, bytes.count, &out, &size, out.count)
  try #require(code == LZMA_OK)
  return Array(out.prefix(size))
}

private func bzip2(_ bytes: [UInt8]) throws -> [UInt8] {
  var bytes = bytes.map { CChar(bitPattern: $0) }
  var out = [CChar](repeating: 0, count: bytes.count + bytes.count / 100 + 600)
  var size = UInt32(out.count)
  let code = BZ2_bzBuffToBuffCompress(&out, &size, &bytes, UInt32(bytes.count), 1, 0, 0)
  try #require(code == BZ_OK)
  return out.prefix(Int(size)).map { UInt8(bitPattern: $0) }
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
    #expect(try expand(xz(bytes)) == bytes)
    #expect(try expand(bzip2(bytes)) == bytes)
    #expect(try expand(bytes) == bytes)
  }

  @Test func `pieces of any size do`() throws {
    let bytes = Array(text.prefix(5000))
    for whole in [try gzip(bytes), try zstd(bytes), try xz(bytes), try bzip2(bytes)] {
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
      #expect(try expand(xz(first) + xz(second) + [0, 0, 0, 0], piece: piece) == first + second)
      #expect(try expand(bzip2(first) + bzip2(second) + [0, 0, 0], piece: piece) == first + second)
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
    for whole in [try gzip(text), try zstd(text), try xz(text), try bzip2(text)] {
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
    for whole in [try xz(text), try bzip2(text)] {
      var damaged = whole
      damaged[whole.count / 2] ^= 1
      #expect(throws: CompressionError.self) { try expand(damaged) }
      #expect(throws: CompressionError.self) { try expand(whole + Array("junk".utf8)) }
    }
    #expect(throws: CompressionError.corrupt("invalid bzip2 header")) { try expand(Array("BZhx1AY".utf8)) }
  }

  @Test func `an xz stream that asks for too much memory is refused`() throws {
    var whole = try xz(text)
    // The block's header stands behind the stream's 12 bytes, with the filter LZMA2 and the size of its dictionary.
    let header = 12..<(12 + (Int(whole[12]) + 1) * 4)
    let filter = try #require(header.first { whole[$0] == 0x21 && whole[$0 + 1] == 1 })
    whole[filter + 2] = 37
    let sum = lzma_crc32(Array(whole[header].dropLast(4)), header.count - 4, 0)
    for byte in 0..<4 {
      whole[header.upperBound - 4 + byte] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(byte)))
    }
    #expect(throws: CompressionError.corrupt("xz: it needs more than 192 MiB of memory")) {
      try expand(whole)
    }
  }

  @Test func `formats are told by their first bytes`() throws {
    #expect(CompressionFormat(start: try gzip([])) == .gzip)
    #expect(CompressionFormat(start: try zstd([])) == .zstd)
    #expect(CompressionFormat(start: []) == .none)
    #expect(CompressionFormat(start: try xz([])) == .xz)
    #expect(CompressionFormat(start: try bzip2([])) == .bzip2)
  }

  @Test func `the same bytes compress to the same bytes`() throws {
    #expect(try gzip(text) == gzip(text))
    #expect(try zstd(text) == zstd(text))
  }
}
