import Synchronization

/// Something that happens once and stays so; tasks wait for it.
public final class Latch: Sendable {
  private struct State {
    var isOpen = false
    var waiters: [Waiter] = []
  }

  private let state = Mutex(State())

  public init() {}

  public var isOpen: Bool { state.withLock { $0.isOpen } }

  /// Lets everybody through, now and later. Opening again does nothing.
  public func open() {
    let waiters = state.withLock { state -> [Waiter] in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.finish(.ready) }
  }

  /// Waits until it is open. Throws `CancellationError`.
  public func wait() async throws(CancellationError) {
    let waiter = state.withLock { state -> Waiter? in
      if state.isOpen { return nil }
      let waiter = Waiter()
      state.waiters.append(waiter)
      return waiter
    }
    guard let waiter else { return }
    guard await waiter.outcome() == .ready else {
      state.withLock { $0.waiters.removeAll { $0 === waiter } }
      throw CancellationError()
    }
  }
}
