import Synchronization

/// One task that waits for one thing: ready, closed or cancelled, whichever is said first.
final class Waiter: Sendable {
  enum Outcome: Sendable { case ready, closed, cancelled }

  /// What is waited with is resumed once: `done` is left by nobody.
  private enum State {
    case fresh
    case waiting(UnsafeContinuation<Outcome, Never>)
    case done(Outcome)
  }

  private let state = Mutex(State.fresh)

  /// Says the outcome; false when another was said before.
  @discardableResult
  func finish(_ outcome: Outcome) -> Bool {
    let (won, continuation) = state.withLock { state -> (Bool, UnsafeContinuation<Outcome, Never>?) in
      switch state {
      case .fresh:
        state = .done(outcome)
        return (true, nil)
      case .waiting(let continuation):
        state = .done(outcome)
        return (true, continuation)
      case .done: return (false, nil)
      }
    }
    continuation?.resume(returning: outcome)
    return won
  }

  /// Waits for the outcome; cancelling the task is one.
  func outcome() async -> Outcome {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let early = state.withLock { state -> Outcome? in
          if case .done(let outcome) = state { return outcome }
          state = .waiting(continuation)
          return nil
        }
        if let early { continuation.resume(returning: early) }
      }
    } onCancel: {
      finish(.cancelled)
    }
  }
}
