import SeededNumbers
import Testing

@testable import HTTP

private func decode(_ pieces: [[UInt8]]) throws(HTTPError) -> (body: [UInt8], isDone: Bool, left: Int) {
  var decoder = ChunkDecoder()
  var body: [UInt8] = []
  var left = 0
  for piece in pieces { left += piece.count - (try decoder.decode(piece[...], into: &body)) }
  return (body, decoder.isDone, left)
}

private func decode(_ text: String) throws(HTTPError) -> (body: [UInt8], isDone: Bool, left: Int) {
  try decode([Array(text.utf8)])
}

@Suite struct ChunkDecoderTests {
  @Test func `chunks become one body, and what follows is left`() throws {
    let result = try decode(
      "4;ext=1\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nTrailer: x\r\n\r\nGET")
    #expect(result.body == Array("Wikipedia in \r\n\r\nchunks.".utf8))
    #expect(result.isDone && result.left == 3)
  }

  @Test(arguments: [
    "x\r\n", "\r\n", "-1\r\n", "+1\r\na\r\n", "1\na\n", "1\r\nab\r\n", "0x1\r\na\r\n",
    "fffffffffffffffff\r\n", " 1\r\na\r\n",
    "1\r\na\n", "1\rx", String(repeating: "0", count: 5000),
  ])
  func `malformed chunks are refused`(_ text: String) {
    #expect(throws: HTTPError.self) { try decode(text) }
  }

  @Test func `trailers are bounded`() {
    let line = String(repeating: "a", count: 4000) + "\r\n"
    #expect { try decode("0\r\n" + String(repeating: line, count: 5)) } throws: {
      ($0 as? HTTPError)?.status == 431
    }
  }

  @Test func `however a body is cut into chunks and reads, it arrives`() throws {
    var random = SeededNumbers(seed: 7)
    for _ in 0..<200 {
      let body = (0..<Int.random(in: 0...3000, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      var wire: [UInt8] = []
      var rest = body[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...rest.count, using: &random)
        wire += chunk(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      wire += lastChunk
      var pieces: [[UInt8]] = []
      var uncut = wire[...]
      while !uncut.isEmpty {
        let count = Int.random(in: 1...min(97, uncut.count), using: &random)
        pieces.append(Array(uncut.prefix(count)))
        uncut = uncut.dropFirst(count)
      }
      let result = try decode(pieces)
      #expect(result.body == body && result.isDone && result.left == 0)
    }
  }

  @Test func `damaged heads and chunks are refused or read, never worse`() {
    var random = SeededNumbers(seed: 42)
    let head = Array(
      "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked".utf8)
    let body = Array("5;x=y\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nT: v\r\n\r\n".utf8)
    let alphabet = Array("\r\n\0 :;%0f1A/?".utf8)
    for _ in 0..<20_000 {
      var damagedHead = head
      var damagedBody = body
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damagedHead[Int.random(in: 0..<head.count, using: &random)] =
          alphabet.randomElement(using: &random) ?? 0
        damagedBody[Int.random(in: 0..<body.count, using: &random)] =
          alphabet.randomElement(using: &random) ?? 0
      }
      if let parsed = try? HeadParser.request(damagedHead, headerCount: 8) {
        _ = try? RequestTarget(parsed.target)
        let framing = try? BodyFraming.ofRequest(parsed)
        let declared =
          parsed.headers.all("content-length").count + parsed.headers.all("transfer-encoding").count
        #expect(declared < 2 || framing == nil)
      }
      let whole = try? decode([damagedBody])
      let bytewise = try? decode(damagedBody.map { [$0] })
      #expect(whole?.body == bytewise?.body && whole?.isDone == bytewise?.isDone)
    }
  }
}
