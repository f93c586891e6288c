import HTTP
import Linux
import Reactor
import SeededNumbers
import Synchronization
import Testing

@testable import HTTP2

private func sockets() throws -> (AsyncDescriptor, AsyncDescriptor) {
  let pair = try SocketPair()
  return (try AsyncDescriptor(pair.ours.duplicate()), try AsyncDescriptor(pair.theirs.duplicate()))
}

private let request = [
  HeaderField(":method", "POST"), HeaderField(":scheme", "http"), HeaderField(":path", "/x"),
  HeaderField(":authority", "localhost"),
]

/// A client whose server answers each stream by `accept`, for as long as `body` runs.
private func talking(
  _ accept: @escaping @Sendable (HTTP2Stream) async throws -> Void,
  pingMilliseconds: Int = 30_000,
  _ body: (HTTP2Connection) async throws -> Void
) async throws {
  let (near, far) = try sockets()
  let server = try HTTP2Connection(far, as: .server, pingMilliseconds: pingMilliseconds)
  let client = try HTTP2Connection(near, as: .client, pingMilliseconds: pingMilliseconds)
  let serving = Task {
    await server.run { stream in
      // What goes wrong the client sees.
      try? await accept(stream)
    }
  }
  let asking = Task { await client.run() }
  do { try await body(client) } catch {
    client.close()
    throw error
  }
  client.close()
  await serving.value
  await asking.value
}

private func body(of stream: HTTP2Stream) async throws -> [UInt8] {
  var bytes: [UInt8] = []
  while let more = try await stream.next() { bytes += more }
  return bytes
}

@Suite(.timeLimit(.minutes(1))) struct HTTP2Tests {
  @Test func `heads, bodies larger than every window, and trailers go both ways`() async throws {
    let sent = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    try await talking { stream in
      #expect(try await stream.headers()[":path"] == "/x")
      let got = try await body(of: stream)
      try stream.respond([HeaderField(":status", "200"), HeaderField("a", "b")])
      try await stream.write(got)
      stream.finish(trailers: [HeaderField("grpc-status", "0")])
      try await stream.untilSent()
    } _: { client in
      let stream = try client.open(request)
      try await stream.write(sent)
      stream.finish()
      #expect(try await stream.headers()["a"] == "b")
      #expect(try await body(of: stream) == sent)
      #expect(stream.trailers["grpc-status"] == "0")
    }
  }

  @Test func `streams do not wait for each other`() async throws {
    try await talking { stream in
      let bytes = try await body(of: stream)
      try stream.respond([HeaderField(":status", "200")])
      try await stream.write(bytes)
      stream.finish()
      try await stream.untilSent()
    } _: { client in
      let stalled = try client.open(request)
      try await stalled.write([1])
      for index in 0..<200 {
        let stream = try client.open(request)
        try await stream.write([UInt8(index & 255)])
        stream.finish()
        #expect(try await body(of: stream) == [UInt8(index & 255)])
      }
      stalled.finish()
      #expect(try await body(of: stalled) == [1])
    }
  }

  @Test func `a stream that is dropped is cancelled on the other side`() async throws {
    let (began, ended) = (Latch(), Latch())
    try await talking { stream in
      began.open()
      do { _ = try await body(of: stream) } catch { ended.open() }
    } _: { client in
      do {
        let stream = try client.open(request)
        try await stream.write([1])
        try await began.wait()
      }
      try await ended.wait()
    }
  }

  @Test func `the work for a client that vanishes is cancelled`() async throws {
    let (began, ended) = (Latch(), Latch())
    try await talking { _ in
      began.open()
      do { try await Latch().wait() } catch { ended.open() }
    } _: { client in
      let stream = try client.open(request)
      try await began.wait()
      client.close()
      try await ended.wait()
      await #expect(throws: HTTP2Error.self) { try await stream.headers() }
      #expect(throws: HTTP2Error.self) { try client.open(request) }
    }
  }

  @Test func `a sender that nobody reads waits, and holds no more than its window`() async throws {
    let count = Mutex(0)
    let full = Latch()
    try await talking { stream in
      try await full.wait()
      count.withLock { $0 += 1 }
      #expect(try await body(of: stream).count == 2_000_000)
      try stream.respond([HeaderField(":status", "200")], isWhole: true)
      try await stream.untilSent()
    } _: { client in
      let stream = try client.open(request)
      let sending = Task {
        for _ in 0..<200 { try await stream.write([UInt8](repeating: 1, count: 10_000)) }
        stream.finish()
      }
      await #expect(throws: DeadlineExceeded.self) {
        try await withDeadline(milliseconds: 100) { try await stream.untilSent() }
      }
      full.open()
      try await sending.value
      #expect(try await stream.headers()[":status"] == "200")
    }
    #expect(count.withLock { $0 } == 1)
  }

  @Test func `who does not answer a ping has gone`() async throws {
    let (near, far) = try sockets()
    let server = try HTTP2Connection(far, as: .server, pingMilliseconds: 20)
    // The other end takes what comes and says nothing.
    let silent = Task { while !(try await near.read().isEmpty) {} }
    await server.run()
    #expect(server.core.withLock { $0.isOver } == true)
    _ = await silent.result
  }

  @Test func `who answers pings stays`() async throws {
    try await talking(
      { stream in
        try stream.respond([HeaderField(":status", "204")], isWhole: true)
        try await stream.untilSent()
      }, pingMilliseconds: 10
    ) { client in
      try await sleep(milliseconds: 100)
      let stream = try client.open(request)
      #expect(try await stream.headers()[":status"] == "204")
    }
  }

  @Test func `a head without end ends the stream, not the connection`() async throws {
    try await talking { stream in
      try stream.respond([HeaderField(":status", "200")], isWhole: true)
      try await stream.untilSent()
    } _: { client in
      let long = (0..<1000).map { HeaderField("name-\($0)", String(repeating: "x", count: 40)) }
      let stream = try client.open(request + long)
      // Either side may give up first; nobody else notices.
      _ = try? await stream.headers()
      let next = try client.open(request)
      #expect(try await next.headers()[":status"] == "200")
    }
  }

  @Test func `no bytes are a trap`() async throws {
    var numbers = SeededNumbers(seed: 5)
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    for _ in 0..<300 {
      let core = try SessionCore(.server)
      var bytes = preface
      for _ in 0..<Int.random(in: 0...12, using: &numbers) {
        let length = Int.random(in: 0...40, using: &numbers)
        bytes += [
          0, 0, UInt8(length), .random(in: 0...10, using: &numbers), .random(in: 0...63, using: &numbers),
        ]
        bytes += [0, 0, 0, .random(in: 0...5, using: &numbers)]
        for _ in 0..<length { bytes.append(.random(in: 0...255, using: &numbers)) }
      }
      do throws(HTTP2Error) {
        try core.receive(bytes)
        _ = core.takeAccepted()
        _ = try core.output()
      } catch {
        continue
      }
      core.end()
      #expect(!core.isAlive)
    }
  }
}
