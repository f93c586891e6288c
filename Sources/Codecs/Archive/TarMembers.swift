import Synchronization

/// An archive walked by tasks: entry by entry, each one's contents as a source that may be read on another thread.
/// Reading blocks.
public final class TarMembers: Sendable {
  private let reader: Mutex<TarReader>

  public init(_ source: any ByteSource) { reader = Mutex(TarReader(source)) }

  /// The next entry, or nil at the end. Contents that were not taken are skipped.
  public func next() throws -> TarEntry? { try reader.withLock { reader in try reader.next() } }

  /// The current entry's contents, valid until the next entry is asked for.
  public var contents: any ByteSource { Contents(self) }

  private final class Contents: ByteSource {
    private let members: TarMembers
    init(_ members: TarMembers) { self.members = members }
    func read(upTo count: Int) throws -> [UInt8] {
      try members.reader.withLock { reader in try reader.contents(upTo: count) }
    }
  }
}

extension ByteSource {
  /// The first `count` bytes, fewer only at the end, and a source that gives them again and then the rest.
  public func peek(_ count: Int) throws -> (start: [UInt8], whole: any ByteSource) {
    var start: [UInt8] = []
    while start.count < count {
      let some = try read(upTo: count - start.count)
      if some.isEmpty { break }
      start += some
    }
    return (start, PrefixedSource(start, then: self))
  }
}
