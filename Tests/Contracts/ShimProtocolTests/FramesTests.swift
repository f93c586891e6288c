import Testing

@testable import ShimProtocol

@Suite struct FramesTests {
  @Test func `a frame is type, length and payload`() {
    #expect(ShimFrames.encode(.output, [7, 8, 9]) == [17, 0, 0, 0, 3, 7, 8, 9])
  }

  @Test func `frames come back whatever portions they arrive in`() throws {
    let sent: [(ShimFrame, [UInt8])] = [(.request, [1, 2, 3]), (.endOfInput, []), (.input, Array(repeating: 5, count: 70000))]
    let bytes = sent.flatMap { ShimFrames.encode($0.0, $0.1) }
    for portion in [1, 3, 5, 4096, 200_000] {
      var decoder = ShimFrameDecoder()
      var found: [(ShimFrame, [UInt8])] = []
      for start in stride(from: 0, to: bytes.count, by: portion) {
        decoder.append(Array(bytes[start..<min(start + portion, bytes.count)]))
        while let frame = try decoder.next() { found.append((frame.type, frame.payload)) }
      }
      #expect(found.map(\.0) == sent.map(\.0) && found.map(\.1) == sent.map(\.1))
      #expect(decoder.pending == 0)
    }
  }

  @Test func `what is no frame is refused at its header`() {
    #expect(throws: ShimFrameError.unknownType(99)) {
      var decoder = ShimFrameDecoder()
      decoder.append([99, 0, 0, 0, 0])
      _ = try decoder.next()
    }
    #expect(throws: ShimFrameError.tooLong(101)) {
      var decoder = ShimFrameDecoder(limit: 100)
      decoder.append([1, 0, 0, 0, 101])
      _ = try decoder.next()
    }
  }
}
