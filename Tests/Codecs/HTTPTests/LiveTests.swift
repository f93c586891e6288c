import Linux
import Reactor
import Synchronization
import Testing

@testable import HTTP

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A server on a TCP port of its own for as long as `body` runs.
private func serving(
  limits: HTTPLimits = .default, _ handler: @escaping @Sendable (HTTPExchange) async throws -> Void,
  _ body: (UInt16) async throws -> Void
) async throws {
  let listener = try Listener.tcp(address: "127.0.0.1", port: 0)
  let server = HTTPServer(limits: limits) { exchange in
    do { try await handler(exchange) } catch {}
  }
  let serving = Task { try await server.serve(listener) }
  do {
    try await body(try #require(listener.port))
  } catch {
    serving.cancel()
    throw error
  }
  serving.cancel()
  _ = await serving.result
}

/// Sends these bytes and reads until the server closes or has said `enough`.
private func raw(_ port: UInt16, _ request: String, until enough: String? = nil) async throws -> String {
  let connection = try await Connect.tcp(host: "127.0.0.1", port: port)
  try await connection.write(Array(request.utf8))
  var answer: [UInt8] = []
  while true {
    let more = try await connection.read()
    answer += more
    if more.isEmpty { return text(answer) }
    if let enough, text(answer).contains(enough) { return text(answer) }
  }
}

@Suite(.timeLimit(.minutes(1))) struct LiveTests {
  @Test func `one connection carries several requests, bodies counted and chunked`() async throws {
    let heads = Mutex(0)
    try await serving { exchange in
      heads.withLock { $0 += 1 }
      let body = try await exchange.request.body.collect(upTo: 10_000_000)
      if exchange.request.path == "/stream" {
        let stream = try await exchange.startStream(status: 200, headers: [("X-A", "b")])
        try await stream.write(Array("<".utf8))
        try await stream.write(body)
        try await stream.write(Array(">".utf8))
        return try await stream.finish()
      }
      try await exchange.respond(status: 201, body: Array("\(exchange.request.method) \(body.count)".utf8))
    } _: { port in
      let client = HTTPClient(endpoint: .tcp(host: "127.0.0.1", port: port))
      let first = try await client.send("POST", "/x", body: .bytes([1, 2, 3]))
      #expect(first.status == 201)
      #expect(text(try await first.body.collect(upTo: 100)) == "POST 3")
      let left = Mutex(20)
      let second = try await client.send(
        "PUT", "/stream",
        body: .stream {
          left.withLock { left in
            left -= 1
            return left >= 0 ? [UInt8](repeating: 0x61, count: 100_000) : nil
          }
        })
      #expect(second.headers["x-a"] == "b")
      #expect(try await second.body.collect(upTo: 3_000_000).count == 2_000_002)
      let third = try await client.send("HEAD", "/x")
      #expect(third.headers["content-length"] == "6")
      #expect(try await third.body.collect(upTo: 1) == [])
      #expect(heads.withLock { $0 } == 3)
    }
  }

  @Test func `pipelined requests are answered in order`() async throws {
    try await serving { exchange in
      try await exchange.respond(status: 200, body: Array(exchange.request.path.utf8))
    } _: { port in
      let answer = try await raw(
        port, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(answer.components(of: "HTTP/1.1 200 OK") == 2)
      #expect(answer.contains("/1HTTP") && answer.hasSuffix("/2"))
    }
  }

  @Test func `a client that asks whether to go on is told so when the body is read, and not when it is not`()
    async throws
  {
    try await serving { exchange in
      if exchange.request.path == "/no" { return try await exchange.respond(status: 403) }
      let body = try await exchange.request.body.collect(upTo: 10)
      try await exchange.respond(status: 200, body: body)
    } _: { port in
      let connection = try await Connect.tcp(host: "127.0.0.1", port: port)
      try await connection.write(
        Array("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n".utf8))
      #expect(text(try await connection.read()) == "HTTP/1.1 100 Continue\r\n\r\n")
      try await connection.write(Array("hi".utf8))
      #expect(text(try await connection.read()).hasSuffix("\r\n\r\nhi"))
      let refused = try await raw(
        port, "POST /no HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        until: "\r\n\r\n")
      #expect(refused.hasPrefix("HTTP/1.1 403"))
    }
  }

  @Test(arguments: [101, 200])
  func `an upgrade leaves HTTP, both ways, with half-close`(_ status: Int) async throws {
    try await serving { exchange in
      let raw = try await exchange.hijack(
        status: status, headers: status == 101 ? [("Connection", "Upgrade"), ("Upgrade", "tcp")] : [])
      while true {
        let bytes = try await raw.read()
        if bytes.isEmpty { break }
        try await raw.write(bytes.reversed())
      }
      try await raw.write(Array("end".utf8))
      raw.close()
    } _: { port in
      let client = HTTPClient(endpoint: .tcp(host: "127.0.0.1", port: port))
      let (response, connection) = try await client.upgrade("POST", "/attach", body: Array("{}".utf8))
      #expect(response.status == status)
      let raw = try #require(connection)
      try await raw.write([1, 2, 3])
      #expect(try await raw.read() == [3, 2, 1])
      raw.shutdownWrite()
      #expect(text(try await raw.read()) == "end")
      #expect(try await raw.read() == [])
    }
  }

  @Test func `a refused upgrade is an answer`() async throws {
    try await serving {
      try await $0.respond(status: 404, body: Array("gone".utf8))
    } _: { port in
      let client = HTTPClient(endpoint: .tcp(host: "127.0.0.1", port: port))
      let (response, connection) = try await client.upgrade("POST", "/attach")
      #expect(response.status == 404 && connection == nil)
      #expect(text(try await response.body.collect(upTo: 100)) == "gone")
    }
  }

  @Test func `a handler that streams is cancelled when its client goes`() async throws {
    let gone = Latch()
    try await serving { exchange in
      let stream = try await exchange.startStream(status: 200)
      do {
        try await exchange.whileConnected {
          try await stream.write(Array("x".utf8))
          try await Latch().wait()
        }
      } catch {
        gone.open()
        throw error
      }
    } _: { port in
      let connection = try await Connect.tcp(host: "127.0.0.1", port: port)
      try await connection.write(Array("GET /events HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
      var answer = ""
      while !answer.contains("1\r\nx\r\n") { answer += text(try await connection.read()) }
      connection.close()
      try await gone.wait()
    }
  }

  @Test func `a body that breaks off is an error, not a short body`() async throws {
    let failure = Mutex<HTTPError?>(nil)
    let failed = Latch()
    try await serving { exchange in
      do { _ = try await exchange.request.body.collect(upTo: 100) } catch let error as HTTPError {
        failure.withLock { $0 = error }
        failed.open()
        throw error
      }
    } _: { port in
      let connection = try await Connect.tcp(host: "127.0.0.1", port: port)
      try await connection.write(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc".utf8))
      connection.close()
      try await failed.wait()
      #expect(failure.withLock { $0 } == .truncated)
    }
  }

  @Test func `a stream that is dropped looks cut off to the client`() async throws {
    try await serving { exchange in
      try await exchange.startStream(status: 200).write(Array("half".utf8))
    } _: { port in
      let client = HTTPClient(endpoint: .tcp(host: "127.0.0.1", port: port))
      let response = try await client.send("GET", "/")
      await #expect(throws: HTTPError.truncated) { try await response.body.collect(upTo: 100) }
    }
  }

  @Test func `a server may answer before it has the whole body`() async throws {
    try await serving {
      try await $0.respond(status: 413, body: Array("too much".utf8))
    } _: { port in
      let client = HTTPClient(endpoint: .tcp(host: "127.0.0.1", port: port))
      let response = try await client.send("POST", "/", body: .stream { [UInt8](repeating: 0, count: 65536) })
      #expect(response.status == 413)
      #expect(text(try await response.body.collect(upTo: 100)) == "too much")
    }
  }

  @Test func `an error of the body's source is the error of the request`() async throws {
    struct Broken: Error {}
    try await serving { exchange in
      _ = try await exchange.request.body.collect(upTo: 100)
    } _: { port in
      let client = HTTPClient(endpoint: .tcp(host: "127.0.0.1", port: port))
      await #expect(throws: Broken.self) {
        try await client.send("POST", "/", body: .stream { throw Broken() })
      }
    }
  }

  @Test(arguments: [
    "0x2\r\n{}\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", "2\r\n{}xx0\r\n\r\n", "-2\r\n{}\r\n",
  ])
  func `a body that makes no sense is answered once and ends the connection`(_ chunks: String) async throws {
    let asked = Mutex(0)
    try await serving { exchange in
      asked.withLock { $0 += 1 }
      do {
        _ = try await exchange.request.body.collect(upTo: 100)
        try await exchange.respond(status: 200)
      } catch let error as HTTPError {
        try await exchange.respond(status: error.status)
      }
    } _: { port in
      let answer = try await raw(
        port,
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
          + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.components(of: "HTTP/1.1") == 1, "\(answer)")
      #expect(asked.withLock { $0 } == 1)
    }
  }

  @Test func `who goes with questions unanswered gets no more answers`() async throws {
    let asked = Mutex(0)
    try await serving { exchange in
      asked.withLock { $0 += 1 }
      try await exchange.respond(status: 200, body: [UInt8](repeating: 0, count: 1 << 20))
    } _: { port in
      let connection = try await Connect.tcp(host: "127.0.0.1", port: port)
      let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
      try await connection.write(Array(String(repeating: request, count: 500).utf8))
      while asked.withLock({ $0 }) == 0 { try await sleep(milliseconds: 1) }
      connection.close()
      // Another one is served, and when it has been the first is not being answered any more.
      _ = try await raw(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    }
    #expect(asked.withLock { $0 } < 100)
  }

  @Test func `what is left of a request must come in time`() async throws {
    var limits = HTTPLimits()
    limits.headMilliseconds = 100
    try await serving(limits: limits) {
      try await $0.respond(status: 204)
    } _: { port in
      let answer = try await raw(port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12")
      #expect(answer.hasPrefix("HTTP/1.1 204 "))
    }
  }

  @Test func `who dawdles over a head is cut off`() async throws {
    var limits = HTTPLimits()
    limits.headMilliseconds = 40
    try await serving(limits: limits) {
      try await $0.respond(status: 200)
    } _: { port in
      let connection = try await Connect.tcp(host: "127.0.0.1", port: port)
      try await connection.write(Array("GET / HT".utf8))
      #expect(try await connection.read() == [])
    }
  }

  @Test func `heads beyond the limits are refused`() async throws {
    var limits = HTTPLimits()
    limits.headBytes = 1000
    try await serving(limits: limits) {
      try await $0.respond(status: 200)
    } _: { port in
      let answer = try await raw(
        port, "GET / HTTP/1.1\r\nHost: \(String(repeating: "a", count: 2000))\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 431"))
      let smuggled = try await raw(
        port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      )
      #expect(smuggled.hasPrefix("HTTP/1.1 400"))
    }
  }

  @Test func `HTTP 1.0 is answered without chunks and closed`() async throws {
    try await serving { exchange in
      let stream = try await exchange.startStream(status: 200)
      try await stream.write(Array("plain".utf8))
      try await stream.finish()
    } _: { port in
      let answer = try await raw(port, "GET / HTTP/1.0\r\n\r\n")
      #expect(answer.hasSuffix("\r\n\r\nplain") && !answer.contains("chunked"))
    }
  }

  @Test func `closing the listener lets answers end and idle clients go`() async throws {
    let listener = try Listener.tcp(address: "127.0.0.1", port: 0)
    let inside = Latch()
    let release = Latch()
    let server = HTTPServer { exchange in
      inside.open()
      try? await release.wait()
      try? await exchange.respond(status: 200, body: Array("done".utf8))
    }
    let serving = Task { try await server.serve(listener) }
    let port = try #require(listener.port)
    let idle = try await Connect.tcp(host: "127.0.0.1", port: port)
    async let answer = raw(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    try await inside.wait()
    listener.close()
    release.open()
    #expect(try await answer.hasSuffix("done"))
    #expect(try await idle.read() == [])
    try await serving.value
  }
}

extension String {
  fileprivate func components(of needle: String) -> Int {
    var count = 0
    var rest = self[...]
    while let found = rest.firstRange(of: needle) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}
