import CZstd

/// Compresses what is written to it as one Zstandard frame with a checksum.
public final class ZstdWriter {
  private let context: OpaquePointer
  private let sink: (UnsafeRawBufferPointer) throws -> Void

  /// `level` 1 to 19; 1 is the fastest.
  public init(level: CInt = 1, _ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) {
    guard let context = ZSTD_createCCtx() else { fatalError("out of memory") }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    self.context = context
    self.sink = sink
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Compresses more bytes; what comes out goes to the sink now or later.
  public func write(_ bytes: UnsafeRawBufferPointer) throws { try compress(bytes, ZSTD_e_continue) }

  /// Writes what is still held back, and the frame's end.
  public func finish() throws { try compress(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end) }

  private func compress(_ bytes: UnsafeRawBufferPointer, _ mode: ZSTD_EndDirective) throws {
    var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    while true {
      var left = 0
      let output = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
        var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
        left = ZSTD_compressStream2(context, &target, &source, mode)
        filled = target.pos
      }
      precondition(ZSTD_isError(left) == 0, "ZSTD_compressStream2 failed")
      if !output.isEmpty { try output.withUnsafeBytes(sink) }
      if mode == ZSTD_e_end ? left == 0 : source.pos == source.size { return }
    }
  }
}
