import Archive
import DockerAPI
import EngineErrors
import Hashing
import Linux
import OCISpec
import Reactor
import Synchronization

/// One thing that a client says of its build context, whose files come in any order and in pieces.
public enum ContextChange: Sendable {
  /// Times are nanoseconds since 1970.
  case directory(path: String, mode: UInt32, modified: Int64)
  case symbolicLink(path: String, target: String, modified: Int64)
  /// Another name of a file that was told before.
  case hardLink(path: String, target: String)
  /// A file begins whose contents come under this number.
  case file(id: UInt32, path: String, mode: UInt32, modified: Int64)
  case contents(id: UInt32, [UInt8])
  case end(id: UInt32)
}

/// A build context that comes piece by piece: written below one directory, whatever its paths and links say.
public final class ContextReceiver: Sendable {
  private struct State {
    let writer: EntryWriter
    var open: [UInt32: EntryWriter.OpenEntry] = [:]
    var digests: [String: String] = [:]
    var entries = 0
  }

  private let path: String
  private let state: Mutex<State>

  /// Writes into the empty directory `path`.
  init(_ path: String) throws {
    self.path = path
    state = Mutex(State(writer: try EntryWriter(root: path)))
  }

  /// Fills the empty directory `path` with what `send` brings; `what` is its name for errors.
  static func receive(
    into path: String, _ what: String, from send: @Sendable (ContextReceiver) async throws -> Void
  ) async throws -> ContextDirectory {
    let receiver = try await blocking { () throws(EngineError) in
      try failing(.internal, "make \(what)") { try ContextReceiver(path) }
    }
    try await send(receiver)
    return try await blocking { () throws(EngineError) in
      try failing(.invalidArgument, "cannot read \(what)") { try receiver.finish() }
    }
  }

  /// Blocks. Throws for a context that is too large, and for paths that lead out of it.
  public func apply(_ changes: [ContextChange]) throws {
    try state.withLock { state in
      for change in changes { try Self.apply(change, &state) }
    }
  }

  private static func apply(_ change: ContextChange, _ state: inout State) throws {
    switch change {
    case .directory(let path, let mode, let modified):
      try state.writer.make(try entry(path, .directory, mode, modified, &state), at: try place(path))
    case .symbolicLink(let path, let target, let modified):
      let entry = try entry(path, .symbolicLink(target: Array(target.utf8)), 0o777, modified, &state)
      try state.writer.make(entry, at: try place(path))
    case .hardLink(let path, let target):
      let entry = try entry(path, .hardLink(target: Array(try place(target).utf8)), 0o644, 0, &state)
      try state.writer.make(entry, at: try place(path))
    case .file(let id, let path, let mode, let modified):
      let entry = try entry(path, .file, mode, modified, &state)
      state.open[id] = try state.writer.begin(entry, at: try place(path))
    case .contents(let id, let bytes): try bytes.withUnsafeBytes { try state.open[id]?.write($0) }
    case .end(let id):
      guard let entry = state.open.removeValue(forKey: id) else { return }
      state.digests[entry.path] = try entry.finish()
    }
  }

  private static func entry(
    _ path: String, _ kind: TarEntry.Kind, _ mode: UInt32, _ modified: Int64, _ state: inout State
  ) throws -> TarEntry {
    state.entries += 1
    guard state.entries <= ContextDirectory.mostEntries else {
      throw ArchiveError.tooLarge("more than \(ContextDirectory.mostEntries) files in the build context")
    }
    let (seconds, rest) = modified.quotientAndRemainder(dividingBy: 1_000_000_000)
    return TarEntry(
      path, kind, mode: mode & 0o7777,
      modified: TarTime(
        seconds: rest < 0 ? seconds - 1 : seconds, nanoseconds: UInt32(rest < 0 ? rest + 1_000_000_000 : rest)
      ))
  }

  /// The path in the context's own form; throws where it leads out of it.
  private static func place(_ path: String) throws -> String {
    let elements = path.split(separator: "/").filter { $0 != "." }
    guard !elements.isEmpty, !elements.contains(".."), !path.utf8.contains(0), elements.count <= 256 else {
      throw EngineError(.invalidArgument, "the path \"\(path.prefix(200))\" leads out of the build context")
    }
    return elements.joined(separator: "/")
  }

  /// The context as it has come. Blocks.
  func finish() throws -> ContextDirectory {
    try state.withLock { state in
      guard state.open.isEmpty else { throw EngineError(.invalidArgument, "a file breaks off") }
      try state.writer.finish()
      return ContextDirectory(path: path, digests: state.writer.withLinks(state.digests))
    }
  }
}

extension EntryWriter {
  /// A regular file that is being written.
  final class OpenEntry {
    let path: String
    private let file: OpenFile
    private let hasher = SHA256()
    private let mode: UInt32
    private let time: FileTime

    init(path: String, _ file: OpenFile, mode: UInt32, _ time: FileTime) {
      self.path = path
      self.file = file
      self.mode = mode
      self.time = time
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
      hasher.update(bytes)
      try file.descriptor.write(bytes)
    }

    /// Answers the digest of the contents.
    func finish() throws -> String {
      try file.descriptor.changeMode(mode)
      try file.descriptor.changeTimes(accessed: time, modified: time)
      return hasher.finishHex()
    }
  }
}

extension Builder {
  /// Builds from files that `send` brings one by one.
  public func build(
    _ options: BuildOptions, progress: @escaping @Sendable (ProgressMessage) async -> Void,
    from send: @Sendable (ContextReceiver) async throws -> Void
  ) async throws -> Digest {
    try await build(options, progress: progress) { directory in
      try await ContextReceiver.receive(into: directory, "the build context", from: send)
    }
  }
}
