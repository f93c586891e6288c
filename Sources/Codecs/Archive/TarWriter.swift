/// Writes a tar archive: ustar headers, with pax records before them where ustar cannot say it.
/// The same entries give the same bytes.
public struct TarWriter {
  private let sink: (UnsafeRawBufferPointer) throws -> Void
  private var contentLeft: UInt64 = 0
  private var padding = 0

  public init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.sink = sink }

  /// Writes the entry's header; exactly `entry.size` bytes of contents must follow before the next.
  public mutating func begin(_ entry: TarEntry) throws {
    try closeEntry()
    try entry.encoded().withUnsafeBytes(sink)
    contentLeft = entry.size
    padding = TarField.padding(entry.size)
  }

  /// Writes contents of the entry begun last.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    precondition(UInt64(bytes.count) <= contentLeft, "more contents than the header announced")
    guard !bytes.isEmpty else { return }
    contentLeft -= UInt64(bytes.count)
    try sink(bytes)
  }

  /// Writes contents of the entry begun last.
  public mutating func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// An entry and all of its contents; `entry.size` is taken from them.
  public mutating func add(_ entry: TarEntry, _ contents: [UInt8] = []) throws {
    var entry = entry
    entry.size = UInt64(contents.count)
    try begin(entry)
    try write(contents)
  }

  /// Takes contents as written that the caller has put into the sink's target himself.
  public mutating func skipContents() { contentLeft = 0 }

  /// Fills up contents that turned out shorter than announced, because a file shrank while it was read.
  public mutating func fillWithZeros() throws {
    let zeros = [UInt8](repeating: 0, count: 65536)
    while contentLeft > 0 {
      try zeros.withUnsafeBytes {
        try write(UnsafeRawBufferPointer(rebasing: $0.prefix(Int(min(contentLeft, 65536)))))
      }
    }
  }

  /// Ends the archive with two zero blocks.
  public mutating func finish() throws {
    try closeEntry()
    try [UInt8](repeating: 0, count: 1024).withUnsafeBytes(sink)
  }

  private mutating func closeEntry() throws {
    precondition(contentLeft == 0, "less contents than the header announced")
    guard padding > 0 else { return }
    try [UInt8](repeating: 0, count: padding).withUnsafeBytes(sink)
    padding = 0
  }
}
