import BuildKitAPI
import Builder
import GRPC
import HTTP2
import Linux
import Protobuf
import Reactor
import SeededNumbers
import Synchronization
import Testing

@testable import BuildKit

private func stat(_ path: String, mode: UInt32 = 0o644, link: String = "") -> SyncPacket {
  var stat = SyncedStat()
  stat.path = path
  stat.mode = mode
  stat.linkName = link
  var packet = SyncPacket(.stat)
  packet.stat = stat
  return packet
}

private let directory: UInt32 = 1 << 31 | 0o755
private let symbolicLink: UInt32 = 1 << 27 | 0o777

private func sockets() throws -> (AsyncDescriptor, AsyncDescriptor) {
  let pair = try SocketPair()
  return (try AsyncDescriptor(pair.ours.duplicate()), try AsyncDescriptor(pair.theirs.duplicate()))
}

/// What comes of reading a directory that a client shows by `client`.
private func reading(
  _ client: @escaping @Sendable (GRPCCall) async throws -> Void
) async throws -> [ContextChange] {
  let (near, far) = try sockets()
  let server = try HTTP2Connection(far, as: .server)
  let engine = try HTTP2Connection(near, as: .client)
  let serving = Task { await GRPCServer(["/moby.filesync.v1.FileSync/DiffCopy": client]).serve(server) }
  let asking = Task { await engine.run() }
  let changes = Mutex<[ContextChange]>([])
  let session = BuildSession(id: "x", engine, methods: [])
  let result: Result<Void, any Error>
  do {
    var syncing = FileSyncing(
      try session.files(of: "context", FileWish()), take: { more in changes.withLock { $0 += more } })
    try await syncing.run()
    result = .success(())
  } catch {
    result = .failure(error)
  }
  engine.close()
  await serving.value
  await asking.value
  try result.get()
  return changes.withLock { $0 }
}

/// A client that shows these files, and answers questions with their contents.
private func showing(_ packets: [SyncPacket], contents: [String: [UInt8]])
  -> @Sendable (GRPCCall) async throws -> Void
{
  { call in
    for packet in packets { try await call.send(packet) }
    try await call.send(SyncPacket(.stat))
    while let message = try await call.next() {
      let packet = try SyncPacket(protobuf: message)
      switch packet.kind {
      case .request:
        let path = packets[Int(packet.id)].stat?.path ?? ""
        for byte in contents[path] ?? [] {
          try await call.send(SyncPacket(.data, id: packet.id, data: [byte]))
        }
        try await call.send(SyncPacket(.data, id: packet.id))
      case .finished: return try await call.send(SyncPacket(.finished))
      default: throw GRPCStatus(.unknown, "what?")
      }
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct FileSyncingTests {
  @Test func `directories, files, links and empty files come as they are`() async throws {
    let packets = [
      stat("a", mode: directory), stat("a/empty"), stat("a/file", mode: 1 << 23 | 0o755),
      stat("a/hard", link: "a/file"),
      stat("pipe", mode: 1 << 25 | 0o644), stat("to", mode: symbolicLink, link: "a/file"),
    ]
    let changes = try await reading(showing(packets, contents: ["a/file": [1, 2, 3]]))
    var files: [UInt32: String] = [:]
    var seen: Set<String> = []
    for change in changes {
      switch change {
      case .directory(let path, let mode, _): seen.insert("d \(path) \(String(mode, radix: 8))")
      case .symbolicLink(let path, let target, _): seen.insert("l \(path) \(target)")
      case .hardLink(let path, let target): seen.insert("h \(path) \(target)")
      case .file(let id, let path, let mode, _):
        files[id] = path
        seen.insert("f \(path) \(String(mode, radix: 8))")
      case .contents(let id, let bytes): seen.insert("c \(files[id] ?? "") \(bytes)")
      case .end(let id): seen.insert("e \(files[id] ?? "")")
      }
    }
    #expect(
      seen == [
        "d a 755", "f a/empty 644", "e a/empty", "f a/file 4755", "c a/file [1]", "c a/file [2]",
        "c a/file [3]",
        "e a/file", "h a/hard a/file", "l to a/file",
      ])
  }

  @Test func `thousands of files come although no more than some are asked for at once`() async throws {
    let packets = (0..<3000).map { stat("file-\($0)") }
    let changes = try await reading(showing(packets, contents: [:]))
    let ends = changes.count { if case .end = $0 { true } else { false } }
    #expect(ends == 3000)
  }

  @Test func `an empty directory is fine`() async throws {
    #expect(try await reading(showing([], contents: [:])).isEmpty)
  }

  @Test func `what the client says went wrong is told`() async throws {
    await #expect(throws: GRPCStatus(.unknown, "error from sender: no such directory")) {
      try await reading { call in
        try await call.send(SyncPacket(.failed, data: Array("no such directory".utf8)))
        _ = try await call.next()
      }
    }
    await #expect(throws: GRPCStatus(.notFound, "no access")) {
      try await reading { _ in throw GRPCStatus(.notFound, "no access") }
    }
  }

  @Test func `a client that breaks off or breaks the rules is refused`() async throws {
    // Ends with a file that was asked for.
    await #expect(throws: GRPCStatus.self) {
      try await reading { call in
        try await call.send(stat("a"))
        _ = try await call.next()
      }
    }
    // Contents of what nobody asked for.
    await #expect(throws: GRPCStatus.self) {
      try await reading { call in
        try await call.send(SyncPacket(.data, id: 7, data: [1]))
        _ = try await call.next()
      }
    }
    // Says that it is done while a file is missing.
    await #expect(throws: GRPCStatus.self) {
      try await reading { call in
        try await call.send(stat("a"))
        try await call.send(SyncPacket(.stat))
        try await call.send(SyncPacket(.finished))
      }
    }
  }

  @Test func `no packets are a trap`() async throws {
    for seed in 0..<40 {
      // Whatever it comes to is fine.
      _ = try? await reading { call in
        var numbers = SeededNumbers(seed: UInt64(seed))
        for _ in 0..<30 {
          var packet = stat(
            ["a", "../a", "/etc/passwd", "a/b", "", "a/../../x"].randomElement(using: &numbers) ?? "")
          packet.kind =
            [.stat, .data, .request, .finished, .failed, nil].randomElement(using: &numbers) ?? nil
          packet.stat?.mode = [directory, symbolicLink, 0o644, 1 << 21].randomElement(using: &numbers) ?? 0
          packet.stat?.linkName = ["", "a", "../../x"].randomElement(using: &numbers) ?? ""
          packet.id = .random(in: 0...4, using: &numbers)
          packet.data = [UInt8](repeating: 1, count: .random(in: 0...3, using: &numbers))
          var bytes = packet.encoded()
          if Int.random(in: 0...9, using: &numbers) == 0 { bytes.removeLast() }
          try await call.send(bytes: bytes)
        }
      }
    }
  }
}
