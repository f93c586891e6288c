import Archive
import Linux
import PathPatterns
import Synchronization

/// The tar stream of a build context, made while it is read: memory for one piece and the list of names.
final class ContextSource: ByteSource {
  private let state: Mutex<State>

  init(_ context: BuildContext) throws(BuildContextError) {
    var walk = ContextWalk(context)
    do { try walk.run() } catch let error as BuildContextError { throw error } catch {
      throw .unreadable("\(error)")
    }
    state = Mutex(State(directory: context.directory, extras: context.extras, entries: walk.entries))
  }

  func read(upTo count: Int) throws -> [UInt8] { try state.withLock { try $0.read(upTo: count) } }

  /// What the writer has made and nobody has read yet.
  private final class Buffer {
    var bytes: [UInt8] = []
  }

  private struct State: ~Copyable {
    let directory: String
    let extras: [(name: String, contents: [UInt8])]
    let entries: [ContextWalk.Entry]
    private let buffer = Buffer()
    private var writer: TarWriter
    private var next = 0
    private var open: FileDescriptor?
    private var left: UInt64 = 0
    private var ended = false

    init(directory: String, extras: [(name: String, contents: [UInt8])], entries: [ContextWalk.Entry]) {
      self.directory = directory
      self.extras = extras
      self.entries = entries
      let buffer = buffer
      writer = TarWriter { buffer.bytes.append(contentsOf: $0) }
    }

    mutating func read(upTo count: Int) throws -> [UInt8] {
      while buffer.bytes.count < count, !ended { try advance(count) }
      let piece = Array(buffer.bytes.prefix(count))
      buffer.bytes.removeFirst(piece.count)
      return piece
    }

    private mutating func advance(_ count: Int) throws {
      if left > 0 { return try copyPiece(count) }
      open = nil
      guard next < entries.count else { return try finish() }
      let entry = entries[next]
      next += 1
      var tar = entry.tar
      if case .file = tar.kind {
        let file = try FileDescriptor.open(
          "\(directory)/\(entry.path)", [.readOnly, .noFollow, .nonBlocking])
        // The size of now: the file may have changed since it was listed.
        tar.size = UInt64(try file.status().size)
        left = tar.size
        open = consume file
      }
      try writer.begin(tar)
    }

    private mutating func copyPiece(_ count: Int) throws {
      let bytes = try open?.read(upTo: Int(min(left, UInt64(max(count, 1 << 16))))) ?? []
      guard !bytes.isEmpty else {
        left = 0
        return try writer.fillWithZeros()
      }
      left -= UInt64(bytes.count)
      try writer.write(bytes)
    }

    private mutating func finish() throws {
      for extra in extras { try writer.add(TarEntry(extra.name, .file, mode: 0o644), extra.contents) }
      try writer.finish()
      ended = true
    }
  }
}
