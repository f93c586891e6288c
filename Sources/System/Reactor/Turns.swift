import Synchronization

/// Lets one task at a time through, or as many as `limit` says, in the order they came. What is guarded stays whole although
/// its holder waits.
public final class Turns: Sendable {
  private struct State {
    var limit: Int
    var taken = 0
    var queue: [Waiter] = []

    var isFree: Bool { taken < limit }
  }

  private let state: Mutex<State>

  public init(limit: Int = 1) { state = Mutex(State(limit: limit)) }

  /// Waits for the turn; the caller must call `pass()` afterwards.
  public func take() async throws(CancellationError) {
    guard let waiter = join() else { return }
    guard await waiter.outcome() == .ready else {
      state.withLock { $0.queue.removeAll { $0 === waiter } }
      throw CancellationError()
    }
  }

  /// Nil where the turn has come at once.
  private func join() -> Waiter? {
    state.withLock { state in
      guard state.isFree else {
        let waiter = Waiter()
        state.queue.append(waiter)
        return waiter
      }
      state.taken += 1
      return nil
    }
  }

  /// Gives the turn to the next that still waits.
  public func pass() {
    state.withLock { state in
      state.taken -= 1
      Self.admit(&state)
    }
  }

  /// Lets more or fewer through from now on; nobody who is through is called back.
  public func change(limit: Int) {
    state.withLock { state in
      state.limit = limit
      Self.admit(&state)
    }
  }

  private static func admit(_ state: inout State) {
    while state.isFree, !state.queue.isEmpty {
      if state.queue.removeFirst().finish(.ready) { state.taken += 1 }
    }
  }
}
