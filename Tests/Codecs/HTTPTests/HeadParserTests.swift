import Testing

@testable import HTTP

private func request(_ text: String) throws(HTTPError) -> HeadParser.RequestHead {
  try HeadParser.request(Array(text.utf8), headerCount: 8)
}

@Suite struct HeadParserTests {
  @Test func `a request's head is read`() throws {
    let head = try request("POST /v1.47/x?a=b HTTP/1.1\r\nHost: docker\r\nX-Thing: \t a b \r\nx-thing: c")
    #expect(head.method == "POST")
    #expect(head.target == "/v1.47/x?a=b")
    #expect(head.minor == 1)
    #expect(head.headers.all("X-THING") == ["a b", "c"])
  }

  @Test(arguments: [
    "", "GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "G{T / HTTP/1.1",
    "GET / HTTP/1.1\r\nHost : a", "GET / HTTP/1.1\r\nHost: a\r\n folded", "GET / HTTP/1.1\r\nHost: a\nX: b",
    "GET / HTTP/1.1\r\nHost: a\rX: b", "GET / HTTP/1.1\r\nHost: a\u{0}", "GET / HTTP/1.1\r\nHost: a\r\n: b",
    "GET / HTTP/1.1\r\nHost: a\r\nno colon", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\nHost: a",
    "GET /a\u{7f} HTTP/1.1\r\nHost: a", "GET / FTP/1.1\r\nHost: a",
  ])
  func `what could be read in two ways is refused`(_ text: String) {
    #expect { try request(text) } throws: { ($0 as? HTTPError)?.status == 400 }
  }

  @Test func `other versions and too many headers have their own status`() {
    #expect { try request("GET / HTTP/2.0\r\nHost: a") } throws: { ($0 as? HTTPError)?.status == 505 }
    let many = (0..<9).map { "A\($0): b" }.joined(separator: "\r\n")
    #expect { try request("GET / HTTP/1.1\r\n\(many)") } throws: { ($0 as? HTTPError)?.status == 431 }
  }

  @Test func `a response's head is read`() throws {
    let head = try HeadParser.response(Array("HTTP/1.0 404 Not so Found\r\nA: b".utf8), headerCount: 8)
    #expect(head == .init(status: 404, reason: "Not so Found", minor: 0, headers: ["A": "b"]))
    #expect(throws: HTTPError.self) { try HeadParser.response(Array("HTTP/1.1 99 x".utf8), headerCount: 8) }
    #expect(throws: HTTPError.self) { try HeadParser.response(Array("HTTP/1.1 2x0 x".utf8), headerCount: 8) }
  }

  @Test func `a target is decoded, its query too`() throws {
    let target = try RequestTarget("/images/a%2Fb+c/json?filters=%7B%7D&q=a+b&flag&x=1=2")
    #expect(target.path == "/images/a/b+c/json")
    #expect(target.query.map(\.0) == ["filters", "q", "flag", "x"])
    #expect(target.query.map(\.1) == ["{}", "a b", "", "1=2"])
    #expect(try RequestTarget("http://host:1/p?q=1").path == "/p")
    #expect(try RequestTarget("http://host").path == "/")
  }

  @Test(arguments: ["", "x", "/%", "/%4", "/%zz", "/%00", "ftp://x/"])
  func `a target that is none is refused`(_ target: String) {
    #expect(throws: HTTPError.self) { try RequestTarget(target) }
  }

  @Test func `encoding a name and reading it gives the name`() throws {
    let name = "a/b c+d%é?&=#~"
    #expect(try RequestTarget("/" + percentEncoded(name)).path == "/" + name)
    #expect(try RequestTarget("/?q=" + percentEncoded(name)).query[0].1 == name)
  }

  @Test func `a date is written as RFC 9110 says`() {
    #expect(HeadWriter.date(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HeadWriter.date(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(HeadWriter.date(1_709_251_199) == "Thu, 29 Feb 2024 23:59:59 GMT")
  }

  @Test func `a line break in a value starts no header`() {
    let head = String(decoding: HeadWriter.response(200, [("X", "a\r\nY: b")]), as: UTF8.self)
    #expect(head.contains("X: a  Y: b\r\n"))
  }
}

@Suite struct BodyFramingTests {
  private func framing(_ headers: HTTPHeaders, minor: Int = 1) throws -> BodyFraming {
    try BodyFraming.ofRequest(.init(method: "POST", target: "/", minor: minor, headers: headers))
  }

  @Test func `a request's body ends where its headers say`() throws {
    #expect(try framing([:]) == .none)
    #expect(try framing(["content-length": "12"]) == .length(12))
    #expect(try framing(["Transfer-Encoding": "Chunked"]) == .chunked)
  }

  @Test(arguments: [
    [("Content-Length", "1"), ("Transfer-Encoding", "chunked")],
    [("Content-Length", "1"), ("Content-Length", "1")],
    [("Content-Length", "+1")], [("Content-Length", "-1")], [("Content-Length", "")],
    [("Content-Length", "0x1")],
    [("Content-Length", "1, 1")], [("Content-Length", "9999999999999999999")],
    [("Transfer-Encoding", "gzip, chunked")],
    [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
    [("Transfer-Encoding", "identity")],
  ])
  func `a body declared doubtfully is refused`(_ fields: [(String, String)]) {
    #expect(throws: HTTPError.self) { try framing(HTTPHeaders(fields)) }
  }

  @Test func `chunks in HTTP 1.0 are refused`() {
    #expect(throws: HTTPError.self) { try framing(["Transfer-Encoding": "chunked"], minor: 0) }
  }
}
