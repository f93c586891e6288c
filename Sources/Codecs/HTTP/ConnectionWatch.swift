import Linux
import Reactor
import Synchronization

/// The open connections of a server and until when each may stay silent.
final class ConnectionWatch: Sendable {
  private struct Entry {
    let descriptor: AsyncDescriptor
    /// Monotonic nanoseconds; nil while a request is answered.
    var deadline: Int64?
    var isIdle = true
    /// Since when the next bytes of a request's body are waited for; monotonic nanoseconds.
    var awaitsBodySince: Int64?
  }

  private struct State {
    var entries: [UInt64: Entry] = [:]
    var nextID: UInt64 = 0
    var isDraining = false
  }

  private let state = Mutex(State())

  /// Where there are too many, the one that has been silent for longest makes room: before a head, in it, or, last of
  /// all, where its body stands still. Nil when all of them are at work. The new one counts as silent until it is heard,
  /// and may be so for `milliseconds`.
  func add(_ descriptor: AsyncDescriptor, limit: Int, milliseconds: Int) -> UInt64? {
    let (id, silent) = state.withLock { state -> (UInt64?, AsyncDescriptor?) in
      var silent: AsyncDescriptor?
      if state.entries.count >= limit {
        guard let (key, entry) = Self.mostSilent(state.entries) else { return (nil, nil) }
        state.entries[key] = nil
        silent = entry.descriptor
      }
      state.nextID += 1
      let deadline = Clock.monotonic + Int64(milliseconds) * 1_000_000
      state.entries[state.nextID] = Entry(descriptor: descriptor, deadline: deadline)
      return (state.nextID, silent)
    }
    silent?.close()
    return id
  }

  /// Who has said nothing before who has begun a head, then those whose body does not come, the longest first; nobody
  /// whose request is being answered.
  private static func mostSilent(_ entries: [UInt64: Entry]) -> (UInt64, Entry)? {
    func rank(_ entry: Entry) -> (Int, Int64) {
      if let deadline = entry.deadline { return (entry.isIdle ? 0 : 1, deadline) }
      return (2, entry.awaitsBodySince ?? .max)
    }
    return entries.filter { $0.value.deadline != nil || $0.value.awaitsBodySince != nil }
      .min { rank($0.value) < rank($1.value) }.map { ($0.key, $0.value) }
  }

  func remove(_ id: UInt64) { state.withLock { $0.entries[id] = nil } }

  /// Nothing of a request is there yet; false when the server no longer takes any.
  func idle(_ id: UInt64, milliseconds: Int) -> Bool {
    state.withLock { state in
      state.entries[id]?.deadline = Clock.monotonic + Int64(milliseconds) * 1_000_000
      state.entries[id]?.isIdle = true
      return !state.isDraining
    }
  }

  /// The first byte of a head is there.
  func reading(_ id: UInt64, milliseconds: Int) {
    state.withLock { state in
      state.entries[id]?.deadline = Clock.monotonic + Int64(milliseconds) * 1_000_000
      state.entries[id]?.isIdle = false
    }
  }

  /// A request's body is waited for, or has gone on.
  func awaitsBody(_ id: UInt64, _ awaits: Bool) {
    state.withLock { $0.entries[id]?.awaitsBodySince = awaits ? Clock.monotonic : nil }
  }

  func answering(_ id: UInt64) { state.withLock { $0.entries[id]?.deadline = nil } }

  /// Closes those whose time is over; their readers see it.
  func closeOverdue() {
    let now = Clock.monotonic
    let overdue = state.withLock { state in
      state.entries.values.filter { ($0.deadline ?? .max) < now }.map(\.descriptor)
    }
    for descriptor in overdue { descriptor.close() }
  }

  /// Closes those between two requests; the others end after their answer.
  func drain() {
    let idle = state.withLock { state in
      state.isDraining = true
      return state.entries.values.filter(\.isIdle).map(\.descriptor)
    }
    for descriptor in idle { descriptor.close() }
  }

  var isDraining: Bool { state.withLock { $0.isDraining } }
}
