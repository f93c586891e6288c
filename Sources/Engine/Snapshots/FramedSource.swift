import Archive
import Compression
import Linux
import Synchronization

/// A layer's archive given back from its frame and its files.
final class FramedSource: ByteSource {
  private let state: Mutex<State>

  /// `frame` is what `FrameRecorder` wrote, `root` the layer's directory, `kept` where files are that later ones
  /// of the same archive replaced.
  init(frame: consuming FileDescriptor, root: consuming FileDescriptor, kept: KeptFiles) {
    state = Mutex(State(frame: DecompressedSource(DescriptorSource(frame)), root: root, kept: kept))
  }

  func read(upTo count: Int) throws -> [UInt8] {
    try state.withLock { state in try state.read(upTo: count) }
  }

  private struct State: ~Copyable {
    let frame: DecompressedSource
    let root: FileDescriptor
    let kept: KeptFiles
    var record = 0
    var input: ArraySlice<UInt8> = []
    var framingLeft = 0
    var file: OpenDirectory?
    var path: [UInt8] = []
    var contentsLeft: UInt64 = 0

    init(frame: DecompressedSource, root: consuming FileDescriptor, kept: KeptFiles) {
      self.frame = frame
      self.root = root
      self.kept = kept
    }

    mutating func read(upTo count: Int) throws -> [UInt8] {
      while true {
        if framingLeft > 0 { return try readFraming(upTo: count) }
        if contentsLeft > 0 { return try readContents(upTo: count) }
        guard try fill(1) else { return [] }
        switch input.removeFirst() {
        case 0: framingLeft = Int(try number(4))
        case 1: try openFile()
        default: throw damaged
        }
      }
    }

    private mutating func readFraming(upTo count: Int) throws -> [UInt8] {
      guard try fill(1) else { throw damaged }
      let taken = Array(input.prefix(min(count, framingLeft)))
      input = input.dropFirst(taken.count)
      framingLeft -= taken.count
      return taken
    }

    private mutating func readContents(upTo count: Int) throws -> [UInt8] {
      let bytes = try file?.descriptor.read(upTo: Int(min(UInt64(count), contentsLeft))) ?? []
      guard !bytes.isEmpty else { throw changed }
      contentsLeft -= UInt64(bytes.count)
      if contentsLeft == 0 { file = nil }
      return bytes
    }

    private mutating func openFile() throws {
      contentsLeft = try number(8)
      let length = Int(try number(2))
      guard try fill(length) else { throw damaged }
      path = Array(input.prefix(length))
      input = input.dropFirst(length)
      record += 1
      if let old = try kept.open(record) {
        file = old
        return
      }
      let opened = try root.open(inside: PathBytes(path), [.readOnly, .nonBlocking])
      guard try opened.status().kind == .regular else { throw changed }
      file = OpenDirectory(opened)
    }

    private mutating func number(_ count: Int) throws -> UInt64 {
      guard try fill(count) else { throw damaged }
      defer { input = input.dropFirst(count) }
      return input.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Whether `count` bytes of the frame are at hand.
    private mutating func fill(_ count: Int) throws -> Bool {
      while input.count < count {
        let more = try frame.read(upTo: 1 << 16)
        if more.isEmpty { return false }
        input = input.isEmpty ? more[...] : input + more
      }
      return true
    }

    private var damaged: UnpackError { .notRepresentable("layer", "its frame file is damaged") }
    private var changed: UnpackError {
      .notRepresentable(String(decoding: path, as: UTF8.self), "the layer's file is not what it was")
    }
  }
}
