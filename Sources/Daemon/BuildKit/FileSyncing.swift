import Builder
import BuildKitAPI
import GRPC
import Protobuf
import Reactor

/// Reads a client's directory by fsutil's protocol: the client tells every file, asked for or not the contents follow.
struct FileSyncing {
  private let call: GRPCClientCall
  /// Takes what has come; waits for the disk.
  private let take: ([ContextChange]) async throws -> Void
  /// Called now and then with the bytes that have come in all.
  private let progress: (Int64) -> Void
  private var nextID: UInt32 = 0
  /// Files that were told and not asked for.
  private var queue: [(id: UInt32, stat: SyncedStat)] = []
  private var asked = 0
  private var queuedBytes = 0
  /// The files that were asked for and have not ended, with how they begin where nothing has come.
  private var open: [UInt32: ContextChange?] = [:]
  /// What has come in all.
  private(set) var bytes: Int64 = 0
  private var isTold = false

  /// The client keeps 128 questions; with fewer nobody ever waits for the other's reading.
  private static let mostOpen = 64
  /// Not every packet is worth telling: bytes between two calls of `progress`.
  private static let mostUntold: Int64 = 256 << 10
  /// What the names of files that wait may take.
  private static let mostQueuedBytes = 256 << 20

  init(
    _ call: GRPCClientCall, progress: @escaping (Int64) -> Void = { _ in },
    take: @escaping ([ContextChange]) async throws -> Void
  ) {
    self.call = call
    self.progress = progress
    self.take = take
  }

  /// Ends when all has come. Throws what the client says, and `EngineError` for what it may not.
  mutating func run() async throws {
    var told: Int64 = 0
    while let message = try await call.next() {
      bytes += Int64(message.count)
      if try await receive(try SyncPacket(protobuf: message)) { break }
      guard bytes - told >= Self.mostUntold else { continue }
      told = bytes
      progress(bytes)
    }
    guard isTold, open.isEmpty, asked == queue.count else {
      throw GRPCStatus(.aborted, "the client has ended the transfer early")
    }
    call.finish()
    // The call's own end: whether it went well for the client too.
    while try await call.next() != nil {}
  }

  /// Says whether all is over.
  private mutating func receive(_ packet: SyncPacket) async throws -> Bool {
    switch packet.kind {
    case .stat:
      if let stat = packet.stat, !stat.path.isEmpty { try await receive(stat) } else { isTold = true }
      try await askOn()
    case .data: try await receive(packet.data, of: packet.id)
    case .failed:
      let text = String(decoding: packet.data.prefix(4096), as: UTF8.self)
      throw GRPCStatus(.unknown, "error from sender: \(text)")
    case .finished: return true
    case .request, nil: throw GRPCStatus(.invalidArgument, "an unexpected packet came from the client")
    }
    return false
  }

  private mutating func receive(_ stat: SyncedStat) async throws {
    let id = nextID
    nextID += 1
    switch stat.kind {
    case .directory:
      try await take([.directory(path: stat.path, mode: stat.permissions, modified: stat.modified)])
    case .symbolicLink:
      try await take([.symbolicLink(path: stat.path, target: stat.linkName, modified: stat.modified)])
    case .other: break
    case .file:
      // A link to a file whose contents have not come yet waits for them, like the files do.
      queue.append((id, stat))
      queuedBytes += stat.path.utf8.count + stat.linkName.utf8.count + 96
      guard queuedBytes <= Self.mostQueuedBytes else {
        throw GRPCStatus(.resourceExhausted, "the build context has too many files")
      }
    }
  }

  private mutating func askOn() async throws {
    while open.count < Self.mostOpen, asked < queue.count {
      let (id, stat) = queue[asked]
      if !stat.linkName.isEmpty {
        // What it links to must be there whole.
        guard open.isEmpty else { return }
        try await take([.hardLink(path: stat.path, target: stat.linkName)])
      } else {
        open[id] = .file(id: id, path: stat.path, mode: stat.permissions, modified: stat.modified)
        try await call.send(SyncPacket(.request, id: id))
      }
      asked += 1
    }
    if asked == queue.count { forgetQueue() }
    if isTold, open.isEmpty, asked == queue.count { try await call.send(SyncPacket(.finished)) }
  }

  private mutating func forgetQueue() {
    queue = []
    asked = 0
    queuedBytes = 0
  }

  private mutating func receive(_ data: [UInt8], of id: UInt32) async throws {
    guard let start = open[id] else {
      throw GRPCStatus(.invalidArgument, "the client sends a file that nobody asked for")
    }
    var changes: [ContextChange] = start.map { [$0] } ?? []
    changes.append(data.isEmpty ? .end(id: id) : .contents(id: id, data))
    try await take(changes)
    if data.isEmpty { open[id] = nil } else { open[id] = .some(nil) }
    if data.isEmpty { try await askOn() }
  }
}

/// A few small files of a client's directory, in memory.
final class SmallFiles {
  private(set) var files: [String: [UInt8]] = [:]
  private var paths: [UInt32: String] = [:]
  private var bytes = 0
  private let most: Int

  /// - Parameter most: bytes that all of them may have.
  init(most: Int) { self.most = most }

  func take(_ changes: [ContextChange]) throws {
    for change in changes {
      switch change {
      case .file(let id, let path, _, _):
        paths[id] = path
        files[path] = []
      case .contents(let id, let data):
        bytes += data.count
        guard bytes <= most else { throw GRPCStatus(.invalidArgument, "a file is larger than \(most) bytes") }
        if let path = paths[id] { files[path]? += data }
      case .hardLink(let path, let target): files[path] = files[target]
      case .directory, .symbolicLink, .end: break
      }
    }
  }
}
