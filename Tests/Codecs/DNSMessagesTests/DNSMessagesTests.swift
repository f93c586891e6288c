import SeededNumbers
import Testing

@testable import DNSMessages

private func name(_ text: String) throws -> DNSName { try #require(DNSName(text)) }

/// A question as a client would send it.
func question(_ query: DNSQuery) -> [UInt8] {
  var message = DNSAnswer.encode(to: query, limit: 512)
  message[2] &= 0x7f
  message[3] = 0
  return message
}

@Suite struct DNSMessagesTests {
  @Test func `a real query of glibc is understood`() throws {
    let bytes: [UInt8] =
      [0x12, 0x34, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1, 5] + Array("Redis".utf8) + [0, 0, 1, 0, 1]
      + [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]
    let query = try DNSQuery(reading: bytes[...])
    #expect(query.id == 0x1234 && query.name.text == "redis" && query.type == .a && query.recordClass == 1)
    #expect(query.recursionDesired && query.payloadSize == 1232)
  }

  @Test func `an answer is exact to the byte`() throws {
    let query = DNSQuery(id: 7, name: try name("Db"), type: .a)
    #expect(
      DNSAnswer.encode(to: query, .noError, [.address([10, 0, 0, 2])], lifetime: 5, limit: 512)
        == [0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 2] + Array("Db".utf8) + [0, 0, 1, 0, 1]
        + [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 0, 0, 2])
  }

  @Test func `what does not fit is cut and said so`() throws {
    let query = DNSQuery(id: 7, name: try name("db"), type: .a, payloadSize: 512)
    let many = (0..<100).map { DNSData.address([10, 0, 0, UInt8($0)]) }
    let answer = DNSAnswer.encode(to: query, .noError, many, limit: 512)
    let reply = try #require(DNSReply(reading: answer[...]))
    #expect(answer.count <= 512 && reply.isTruncated && reply.answers(query))
    #expect(Int(answer[7]) == (512 - 11 - 20) / 16)
  }

  @Test func `questions and answers survive their bytes`() throws {
    for (text, type, size) in [("a.b.c", DNSType.aaaa, nil), ("", .any, 4096), ("x", .ptr, 512)]
      as [(String, DNSType, Int?)]
    {
      var query = DNSQuery(
        id: 99, name: try name(text), type: type, recursionDesired: false, payloadSize: size)
      let read = try DNSQuery(reading: question(query)[...])
      if size != nil { query.payloadSize = 4096 }
      #expect(read == query)
    }
  }

  @Test func `what is no question is refused, what is an answer ignored`() {
    #expect(throws: DNSMessageError.ignore) { try DNSQuery(reading: [1, 2, 3]) }
    #expect(throws: DNSMessageError.ignore) {
      try DNSQuery(reading: [0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1])
    }
    #expect(throws: DNSMessageError.refuse(id: 1, .notImplemented)) {
      try DNSQuery(reading: [0, 1, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    }
    let headers: [[UInt8]] = [
      [0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1], [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
      [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1],
      [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 64, 1],
    ]
    for bytes in headers {
      #expect(throws: DNSMessageError.refuse(id: 1, .formatError)) { try DNSQuery(reading: bytes[...]) }
    }
  }

  @Test func `names have limits`() {
    #expect(
      DNSName("a..b") == nil && DNSName(".") != nil && DNSName(String(repeating: "a", count: 64)) == nil)
    let long = Array(repeating: String(repeating: "a", count: 63), count: 4).joined(separator: ".")
    #expect(DNSName(long) == nil && DNSName(String(long.dropLast(2))) != nil)
    #expect(DNSName("A.b.")?.text == "a.b")
  }

  @Test func `reverse names are addresses`() throws {
    #expect(ReverseName.address(of: try name("2.0.18.172.in-addr.arpa")) == [172, 18, 0, 2])
    let zeros = Array(repeating: "0", count: 29).joined(separator: ".")
    let address = [0xfd] + [UInt8](repeating: 0, count: 14) + [1]
    #expect(ReverseName.address(of: try name("1.\(zeros).D.f.ip6.ARPA")) == address)
    #expect(ReverseName.address(of: try name("1.\(zeros).ff.ip6.arpa")) == nil)
    for text in ["256.0.0.1.in-addr.arpa", "1.2.3.in-addr.arpa", "in-addr.arpa", "arpa", "a"] {
      #expect(ReverseName.address(of: try name(text)) == nil)
    }
  }

  @Test func `no bytes make the readers trap`() throws {
    var random = SeededNumbers(seed: 0x5eed)
    let good = question(DNSQuery(id: 5, name: try name("some.name.example"), type: .a, payloadSize: 1232))
    for _ in 0..<50000 {
      var bytes = good
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let cut = bytes.prefix(Int.random(in: 0...bytes.count, using: &random))
      _ = DNSReply(reading: cut)
      // Only that it comes back is asked here.
      if let query = try? DNSQuery(reading: cut) {
        _ = ReverseName.address(of: query.name)
        #expect(DNSAnswer.encode(to: query, .noError, [.address([1, 2, 3, 4])], limit: 512).count <= 512)
      }
    }
  }
}
