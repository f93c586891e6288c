import Linux

/// Packs rotated files, for whom writing must not wait (see `LogPacking`).
public protocol LogPacker: AnyObject {
  /// Whether it is still at work: a log waits for that with its next rotation, up to twice its size.
  var isBusy: Bool { get }
  /// Begins to pack a file.
  func pack(_ path: String)
  /// Gives up what it is at; returns when nothing of the kind happens any more.
  func stop()
}

/// Writes a container's output as Docker's json-file log, and rotates: `path`, `path.1`, `path.2`, … the older the
/// higher. Whole lines only reach the file, also when the disk is full.
public struct LogWriter: ~Copyable {
  private let path: String
  private let maximumSize: Int64
  private let maximumFiles: Int
  private let packer: (any LogPacker)?
  private var file: FileDescriptor
  private var size: Int64
  private var out = LineSplitter()
  private var err = LineSplitter()

  /// Encoded at once: each line of the log is some seventy bytes longer than the output's, and a flood of empty lines would
  /// take forty times its size of memory.
  private static let mostLines = 512

  /// Appends to what is there. `maximumSize` below 1 never rotates; `maximumFiles` counts the current one.
  public init(
    path: String, maximumSize: Int64, maximumFiles: Int, packer: (any LogPacker)? = nil
  ) throws(SyscallError) {
    self.path = path
    self.packer = packer
    self.maximumSize = maximumSize
    self.maximumFiles = maximumFiles
    let opened = try Self.open(path)
    let found = try opened.sizeAndIdentity().size
    // A writer that was killed may have left a line without its end; nothing may be glued to it.
    let isTorn = found > 0 ? try Self.lastByte(path, found) != UInt8(ascii: "\n") : false
    if isTorn { try opened.write([UInt8(ascii: "\n")]) }
    size = found + (isTorn ? 1 : 0)
    file = opened
  }

  /// Takes output as it comes; lines that are complete by now are in the file afterwards. Throws when the kernel refused
  /// to write: then these lines are lost, and the next ones are tried again.
  public mutating func append(_ stream: LogStream, _ bytes: ArraySlice<UInt8>, at time: Int64)
    throws(SyscallError)
  {
    var rest = bytes
    var failure: SyscallError?
    repeat {
      let piece = Self.lines(of: rest)
      rest = rest[piece.endIndex...]
      var lines = Lines(stream: stream)
      switch stream {
      case .stdout: out.append(piece, at: time) { lines.take($0, $1, $2) }
      case .stderr: err.append(piece, at: time) { lines.take($0, $1, $2) }
      }
      do throws(SyscallError) { try write(lines) } catch { failure = failure ?? error }
    } while !rest.isEmpty
    if let failure { throw failure }
  }

  /// As much as is encoded at once.
  private static func lines(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end = bytes.startIndex
    for _ in 0..<mostLines {
      guard let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) else { return bytes }
      end = newline + 1
    }
    return bytes[..<end]
  }

  /// Both outputs have ended: what is left of a line goes out without a newline.
  public mutating func end(at time: Int64) throws(SyscallError) {
    var rest = Lines(stream: .stdout)
    out.end(at: time) { rest.take($0, $1, $2) }
    rest.stream = .stderr
    err.end(at: time) { rest.take($0, $1, $2) }
    try write(rest)
  }

  private mutating func write(_ lines: consuming Lines) throws(SyscallError) {
    var start = 0
    let ends = lines.ends
    var index = 0
    while index < ends.count {
      if maximumSize > 0, size >= maximumSize { try rotate() }
      // As many lines as fit before the next rotation, in one call.
      var last = index
      while last + 1 < ends.count, maximumSize < 1 || size + Int64(ends[last] - start) < maximumSize {
        last += 1
      }
      try writeWhole(lines.bytes[start..<ends[last]])
      start = ends[last]
      index = last + 1
    }
  }

  private mutating func writeWhole(_ bytes: ArraySlice<UInt8>) throws(SyscallError) {
    do {
      try file.write(bytes)
      size += Int64(bytes.count)
    } catch {
      try file.truncate(to: size)
      throw error
    }
  }

  private mutating func rotate() throws(SyscallError) {
    if let packer, packer.isBusy {
      if size / 2 < maximumSize { return }
      // Whoever writes faster than anybody can pack gets files that are not packed.
      packer.stop()
    }
    // A new file, not an emptied one: a reader sees that it is another, and can still finish the old one.
    guard maximumFiles > 1 else {
      try Files.unlink(path)
      return try beginFile()
    }
    try Files.unlink(LogPacking.aside("\(path).1"))
    for suffix in ["", LogPacking.suffix] { try Files.unlink("\(path).\(maximumFiles - 1)\(suffix)") }
    for number in stride(from: maximumFiles - 1, to: 0, by: -1) {
      let older = number == 1 ? path : "\(path).\(number - 1)"
      for suffix in number == 1 ? [""] : ["", LogPacking.suffix] {
        do { try Files.rename(older + suffix, to: "\(path).\(number)\(suffix)") } catch
          where error.errno == .noSuchFile
        {}
      }
    }
    try beginFile()
    packer?.pack("\(path).1")
  }

  private mutating func beginFile() throws(SyscallError) {
    file = try Self.open(path)
    size = 0
  }

  private static func open(_ path: String) throws(SyscallError) -> FileDescriptor {
    try FileDescriptor.open(path, OpenFlags.appendOrCreate, mode: 0o640)
  }

  private static func lastByte(_ path: String, _ size: Int64) throws(SyscallError) -> UInt8? {
    try FileDescriptor.open(path, OpenFlags.readOnly).read(at: size - 1, upTo: 1).first
  }
}

/// Encoded lines, and where each ends.
private struct Lines {
  var stream: LogStream
  var bytes: [UInt8] = []
  var ends: [Int] = []

  init(stream: LogStream) { self.stream = stream }

  mutating func take(_ text: ArraySlice<UInt8>, _ terminated: Bool, _ time: Int64) {
    LogEncoding.append(stream, text, terminated: terminated, time: time, to: &bytes)
    ends.append(bytes.count)
  }
}
