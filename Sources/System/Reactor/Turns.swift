import Synchronization

/// Lets one task at a time through, in the order they came. What is guarded stays whole although its holder waits.
public final class Turns: Sendable {
  private struct State {
    var taken = false
    var queue: [Waiter] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// Waits for the turn; the caller must call `pass()` afterwards.
  public func take() async throws(CancellationError) {
    let waiter = state.withLock { state -> Waiter? in
      guard state.taken else {
        state.taken = true
        return nil
      }
      let waiter = Waiter()
      state.queue.append(waiter)
      return waiter
    }
    guard let waiter else { return }
    guard await waiter.outcome() == .ready else {
      state.withLock { $0.queue.removeAll { $0 === waiter } }
      throw CancellationError()
    }
  }

  /// Gives the turn to the next that still waits.
  public func pass() {
    state.withLock { state in
      while !state.queue.isEmpty {
        if state.queue.removeFirst().finish(.ready) { return }
      }
      state.taken = false
    }
  }
}
