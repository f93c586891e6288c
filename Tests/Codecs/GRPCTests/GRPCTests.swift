import HTTP2
import Linux
import Protobuf
import Reactor
import Testing

@testable import GRPC

private struct Text: ProtobufMessage, Equatable {
  var text = ""
  init() {}
  init(_ text: String) { self.text = text }
  mutating func take(_ field: Int, _ value: ProtobufReader.Value) { if field == 1 { text = value.text } }
  func write(to writer: inout ProtobufWriter) { writer.text(1, text) }
}

private func sockets() throws -> (AsyncDescriptor, AsyncDescriptor) {
  let pair = try SocketPair()
  return (try AsyncDescriptor(pair.ours.duplicate()), try AsyncDescriptor(pair.theirs.duplicate()))
}

private func serving(
  _ methods: [String: GRPCServer.Handler], limit: Int = 1 << 20, _ body: (GRPCClient) async throws -> Void
) async throws {
  let (near, far) = try sockets()
  let server = try HTTP2Connection(far, as: .server)
  let client = try HTTP2Connection(near, as: .client)
  let serving = Task { await GRPCServer(methods, messageLimit: limit).serve(server) }
  let asking = Task { await client.run() }
  do { try await body(GRPCClient(client)) } catch {
    client.close()
    throw error
  }
  client.close()
  await serving.value
  await asking.value
}

private func status(_ body: () async throws -> Void) async -> GRPCStatus? {
  do {
    try await body()
    return nil
  } catch {
    return error as? GRPCStatus
  }
}

@Suite(.timeLimit(.minutes(1))) struct GRPCTests {
  @Test func `one question gets one answer`() async throws {
    try await serving([
      "/a.B/Hello": { call in try await call.send(Text("hello \(try await call.request(Text.self).text)")) }
    ]) { client async throws in
      #expect(try await client.ask("/a.B/Hello", Text("you"), as: Text.self) == Text("hello you"))
    }
  }

  @Test func `messages flow both ways while the call lasts`() async throws {
    try await serving([
      "/a.B/Echo": { call in while let bytes = try await call.next() { try await call.send(bytes: bytes) } }
    ]) { client in
      let call = try client.call("/a.B/Echo")
      for count in [0, 1, 100_000, 700_000] {
        let bytes = [UInt8](repeating: 3, count: count)
        try await call.send(bytes: bytes)
        #expect(try await call.next() == bytes)
      }
      call.finish()
      #expect(try await call.next() == nil)
    }
  }

  @Test func `failures come with their code, message and details`() async throws {
    try await serving([
      "/a.B/Fail": { _ in
        throw GRPCStatus(.notFound, "größer\nals 100%", details: [.init("example/a+json", [1, 2])])
      },
      "/a.B/Late": { call in
        try await call.send(Text("first"))
        throw GRPCStatus(.aborted, "then not")
      },
    ]) { client in
      let refused = await status { _ = try await client.ask("/a.B/Fail", Text(), as: Text.self) }
      #expect(refused?.code == .notFound)
      #expect(refused?.message == "größer\nals 100%")
      #expect(
        await status { _ = try await client.ask("/a.B/None", Text(), as: Text.self) }?.code == .unimplemented)
      let call = try client.call("/a.B/Late")
      call.finish()
      #expect(try await call.next() == Text("first").encoded())
      #expect(await status { _ = try await call.next() }?.message == "then not")
    }
  }

  @Test func `who sends to a call that has ended learns how it ended`() async throws {
    try await serving([
      "/a.B/Fail": { _ in throw GRPCStatus(.notFound, "no such directory") },
      "/a.B/Late": { call in
        try await call.send(Text("first"))
        throw GRPCStatus(.aborted, "then not")
      },
      "/a.B/Done": { call in try await call.send(Text("all")) },
    ]) { client async throws in
      /// What comes of sending more than anybody takes.
      func flood(_ path: String) async throws -> GRPCStatus? {
        let call = try client.call(path)
        return await status {
          for _ in 0..<100 { try await call.send(bytes: [UInt8](repeating: 1, count: 10_000)) }
        }
      }
      #expect(try await flood("/a.B/Fail") == GRPCStatus(.notFound, "no such directory"))
      #expect(try await flood("/a.B/Late") == GRPCStatus(.aborted, "then not"))
      #expect(try await flood("/a.B/Done") == GRPCStatus(.aborted, "the call has ended"))
    }
  }

  @Test func `deadlines end a call, and dropping it cancels the work`() async throws {
    let (began, cancelled) = (Latch(), Latch())
    try await serving([
      "/a.B/Wait": { _ in
        began.open()
        do { try await Latch().wait() } catch {
          cancelled.open()
          throw error
        }
      }
    ]) { client in
      let limited = try client.call("/a.B/Wait", metadata: [HeaderField("grpc-timeout", "20m")])
      #expect(await status { _ = try await limited.next() }?.code == .deadlineExceeded)
      try await cancelled.wait()
    }
    let (again, gone) = (Latch(), Latch())
    try await serving([
      "/a.B/Wait": { _ in
        again.open()
        do { try await Latch().wait() } catch {
          gone.open()
          throw error
        }
      }
    ]) { client in
      do {
        let call = try client.call("/a.B/Wait")
        try await call.send(Text())
        try await again.wait()
      }
      try await gone.wait()
    }
  }

  @Test func `messages that are too long, compressed or cut off are refused`() async throws {
    try await serving(["/a.B/Hello": { call in _ = try await call.next() }], limit: 1000) { client in
      let long = try client.call("/a.B/Hello")
      try await long.send(bytes: [UInt8](repeating: 0, count: 2000))
      #expect(await status { _ = try await long.next() }?.code == .resourceExhausted)
    }
  }

  @Test func `timeouts are read in every unit`() {
    #expect(GRPCHeaders.timeout("3S") == 3000)
    #expect(GRPCHeaders.timeout("14999987u") == 15000)
    #expect(GRPCHeaders.timeout("1H") == 3_600_000)
    #expect(GRPCHeaders.timeout("99999999H") == 359_999_996_400_000)
    for wrong in ["", "S", "-1S", "1", "1x", "123456789S"] { #expect(GRPCHeaders.timeout(wrong) == nil) }
  }

  @Test func `messages survive percent-encoding`() {
    for text in ["", "plain", "100% ü\n\t\u{7f}", "%41", "%"] {
      #expect(GRPCHeaders.unescaped(GRPCHeaders.escaped(text)) == text)
    }
    #expect(GRPCHeaders.unescaped("%zz%4") == "%zz%4")
  }
}
