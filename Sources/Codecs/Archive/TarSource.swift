import Synchronization

/// An archive that is written while it is read, from members whose contents are opened when their turn comes.
public final class TarSource: ByteSource {
  public struct Member: Sendable {
    public let entry: TarEntry
    let open: @Sendable () throws -> any ByteSource

    /// `open` must give exactly `entry.size` bytes.
    public init(_ entry: TarEntry, _ open: @escaping @Sendable () throws -> any ByteSource) {
      self.entry = entry
      self.open = open
    }

    /// A member whose contents are at hand; `entry.size` is taken from them.
    public init(_ entry: TarEntry, _ contents: [UInt8]) {
      var entry = entry
      entry.size = UInt64(contents.count)
      self.init(entry) { ArraySource(contents) }
    }
  }

  private struct State {
    var rest: ArraySlice<Member>
    var pending: [UInt8] = []
    var contents: (any ByteSource)?
    var left: UInt64 = 0
    var padding = 0
    var hasEnded = false
  }

  private let state: Mutex<State>

  public init(_ members: [Member]) { state = Mutex(State(rest: members[...])) }

  public func read(upTo count: Int) throws -> [UInt8] {
    try state.withLock { state in
      while true {
        if !state.pending.isEmpty {
          let some = Array(state.pending.prefix(count))
          state.pending.removeFirst(some.count)
          return some
        }
        if let contents = state.contents { return try Self.read(contents, count, &state) }
        if let member = state.rest.popFirst() {
          state.pending = member.entry.encoded()
          state.left = member.entry.size
          state.contents = state.left > 0 ? try member.open() : nil
          state.padding = TarField.padding(state.left)
        } else if !state.hasEnded {
          state.hasEnded = true
          state.pending = [UInt8](repeating: 0, count: 1024)
        } else {
          return []
        }
      }
    }
  }

  private static func read(_ contents: any ByteSource, _ count: Int, _ state: inout State) throws -> [UInt8] {
    let some = try contents.read(upTo: Int(min(UInt64(count), state.left)))
    guard !some.isEmpty else { throw ArchiveError.truncated }
    state.left -= UInt64(some.count)
    if state.left == 0 {
      state.contents = nil
      state.pending = [UInt8](repeating: 0, count: state.padding)
    }
    return some
  }
}
