import SeededNumbers
import Testing

@testable import HTTP

private func frame(_ opcode: UInt8, _ payload: [UInt8], isLast: Bool = true) -> [UInt8] {
  let mask: [UInt8] = [1, 2, 3, 250]
  let count = payload.count
  let length: [UInt8] =
    count < 126
    ? [UInt8(count)]
    : count < 65536
      ? [126, UInt8(count >> 8), UInt8(count & 255)]
      : [127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
  return [opcode | (isLast ? 0x80 : 0), length[0] | 0x80] + length.dropFirst() + mask
    + payload.enumerated().map { $1 ^ mask[$0 % 4] }
}

@Suite struct WebSocketTests {
  @Test func `what a client sends arrives, however it is cut`() throws {
    var random = SeededNumbers(seed: 3)
    for size in [0, 1, 125, 126, 65535, 65536, 70000] {
      let body = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      let wire =
        frame(2, Array(body.prefix(size / 2)), isLast: false) + frame(9, [7])
        + frame(0, Array(body.dropFirst(size / 2))) + frame(8, [3, 232])
      var decoder = WebSocketDecoder()
      var (data, pings): ([UInt8], Int) = ([], 0)
      var rest = wire[...]
      while !rest.isEmpty {
        let count = min(rest.count, Int.random(in: 1...5000, using: &random))
        for event in try decoder.decode(Array(rest.prefix(count))) {
          switch event {
          case .data(let piece): data += piece
          case .ping(let payload):
            #expect(payload == [7])
            pings += 1
          case .close: #expect(rest.count <= count)
          }
        }
        rest = rest.dropFirst(count)
      }
      #expect(data == body && pings == 1 && decoder.isClosed)
    }
  }

  @Test(
    arguments: [
      [0x82, 0x01, 0x41], [0xc2, 0x80], [0x83, 0x80], [0x09, 0x80], [0x89, 0xfe], [0x88, 0xff],
      [0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ] as [[UInt8]])
  func `frames that no client may send are refused`(_ bytes: [UInt8]) {
    var decoder = WebSocketDecoder()
    #expect(throws: HTTPError.self) { try decoder.decode(bytes) }
  }

  @Test func `whatever bytes come, it answers or refuses`() {
    var random = SeededNumbers(seed: 11)
    for _ in 0..<5000 {
      var decoder = WebSocketDecoder()
      let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      // What is refused is as good as what is not: neither may trap.
      _ = try? decoder.decode(bytes)
    }
  }

  @Test func `lengths are written in the shortest of three ways`() {
    #expect(WebSocketFrame.binary.encode([1, 2]) == [0x82, 2, 1, 2])
    #expect(
      Array(WebSocketFrame.binary.encode([UInt8](repeating: 0, count: 126)).prefix(4)) == [0x82, 126, 0, 126])
    #expect(
      Array(WebSocketFrame.binary.encode([UInt8](repeating: 0, count: 65536)).prefix(10))
        == [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0])
    #expect(WebSocketFrame.close.encode([3, 232]) == [0x88, 2, 3, 232])
  }
}
