import Synchronization

/// Lets one task at a time through a stretch that waits in between, in the order they came; unlike `Turns`, also one that
/// has been cancelled: for what must be done once it is begun.
public final class FirmTurns: Sendable {
  private struct State {
    var isTaken = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// Waits for its turn; `leave` must follow.
  public func enter() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTaken {
          state.waiting.append(continuation)
          return false
        }
        state.isTaken = true
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  /// Whether somebody waits for his turn.
  var isAwaited: Bool { state.withLock { !$0.waiting.isEmpty } }

  /// Lets the next one through; true where there is none, so that nobody needs these turns any more.
  @discardableResult
  public func leave() -> Bool {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.waiting.isEmpty {
        state.isTaken = false
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
    return next == nil
  }
}
