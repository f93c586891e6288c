import Linux

/// Where a reader stands: in which file, and what it has not yet seen of it. Files are held open, so that a rotation
/// takes nothing away from it.
struct LogCursor: ~Copyable {
  private static let portion = 65536
  /// Longer than any line can be: 16 KiB of text, every byte escaped, and what stands around it.
  private static let longestLine = 1 << 20

  private let path: String
  private let query: LogQuery
  private var files: [LogFiles.Opened] = []
  private var identity: FileIdentity?
  private var offset: Int64 = 0
  private var rest: [UInt8] = []
  private(set) var isPastUntil = false

  init(path: String, query: LogQuery) throws(SyscallError) {
    self.path = path
    self.query = query
    try openNewer()
    if let tail = query.tail { try seekTail(max(tail, 0)) }
  }

  deinit { for file in files { _ = FileDescriptor(owning: file.raw) } }

  mutating func next() throws(SyscallError) -> [LogEntry] {
    while !isPastUntil {
      let bytes = try read()
      if bytes.isEmpty {
        if try moveOn() { continue }
        return []
      }
      let entries = take(bytes)
      if !entries.isEmpty { return entries }
    }
    return []
  }

  private mutating func take(_ bytes: [UInt8]) -> [LogEntry] {
    rest += bytes
    var entries: [LogEntry] = []
    var start = 0
    while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if let entry = LogDecoding.entry(rest[start..<end]) {
        if let until = query.until, entry.time > until {
          isPastUntil = true
          break
        }
        if query.wants(entry) { entries.append(entry) }
      }
      start = end + 1
    }
    rest.removeSubrange(..<start)
    if rest.count > Self.longestLine { rest = [] }
    return entries
  }

  private mutating func read() throws(SyscallError) -> [UInt8] {
    guard !files.isEmpty else { return [] }
    let raw = try plain(0)
    let bytes = try borrowed(raw) { file throws(SyscallError) in try file.read(at: offset, upTo: Self.portion)
    }
    offset += Int64(bytes.count)
    return bytes
  }

  /// At the end of a file: whether there is more to read, in it or in a newer one.
  private mutating func moveOn() throws(SyscallError) -> Bool {
    if files.isEmpty {
      try openNewer()
      return !files.isEmpty
    }
    if files.count == 1 {
      let raw = try plain(0)
      let size = try borrowed(raw) { file throws(SyscallError) in try file.sizeAndIdentity().size }
      if size != offset {
        // Shorter than what was read: it was emptied in place of a rotation.
        if size < offset { rewind() }
        return true
      }
      try openNewer()
      if files.count == 1 { return false }
      // What was written between the last read and the rotation is still to come.
      return true
    }
    _ = FileDescriptor(owning: files.removeFirst().raw)
    rewind()
    return true
  }

  private mutating func rewind() {
    offset = 0
    rest = []
  }

  private mutating func openNewer() throws(SyscallError) {
    let opened = try LogFiles.open(path, newerThan: identity)
    identity = opened.last?.identity ?? identity
    files += opened
  }

  /// A file as it can be read: a packed one is unpacked when somebody comes to it.
  private mutating func plain(_ index: Int) throws(SyscallError) -> Int32 {
    let file = files[index]
    guard file.isPacked else { return file.raw }
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let raw = try borrowed(file.raw) { packed throws(SyscallError) in
      try LogPacking.unpack(packed, directory).release()
    }
    _ = FileDescriptor(owning: file.raw)
    files[index] = LogFiles.Opened(identity: file.identity, raw: raw, isPacked: false)
    return raw
  }

  /// Skips to the last `count` lines of all files together.
  private mutating func seekTail(_ count: Int) throws(SyscallError) {
    var wanted = count
    for index in files.indices.reversed() {
      let raw = try plain(index)
      let found = try borrowed(raw) { file throws(SyscallError) in try LogTail.find(wanted, in: file) }
      if found.lines >= wanted || index == 0 {
        for older in files[..<index] { _ = FileDescriptor(owning: older.raw) }
        files.removeSubrange(..<index)
        offset = found.offset
        return
      }
      wanted -= found.lines
    }
  }
}

/// Uses a descriptor that stays with its owner.
private func borrowed<Value>(
  _ raw: Int32, _ body: (borrowing FileDescriptor) throws(SyscallError) -> Value
) throws(SyscallError) -> Value {
  let file = FileDescriptor(owning: raw)
  do throws(SyscallError) {
    let value = try body(file)
    _ = file.release()
    return value
  } catch {
    _ = file.release()
    throw error
  }
}
