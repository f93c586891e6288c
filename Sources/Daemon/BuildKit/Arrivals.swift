import GRPC
import Reactor
import Synchronization

/// What clients bring, by its name. Who asks too early waits a while: requests of one client overtake each other.
final class Arrivals<Value: Sendable>: Sendable {
  private struct State {
    var here: [String: Value] = [:]
    var waiting: [Latch] = []
  }

  private let most: Int
  private let state = Mutex(State())

  /// How long somebody waits for what has not come, in milliseconds.
  static var patience: Int { 5000 }

  /// - Parameter most: more are turned away.
  init(most: Int) { self.most = most }

  /// False where there is one of the name, or there are too many.
  func add(_ name: String, _ value: Value) -> Bool {
    let latches = state.withLock { state -> [Latch]? in
      guard state.here[name] == nil, state.here.count < most else { return nil }
      state.here[name] = value
      defer { state.waiting = [] }
      return state.waiting
    }
    for latch in latches ?? [] { latch.open() }
    return latches != nil
  }

  func remove(_ name: String) { state.withLock { _ = $0.here.removeValue(forKey: name) } }

  /// Throws a status with this message where it does not come.
  func find(_ name: String, else complaint: @autoclosure () -> String) async throws -> Value {
    do {
      return try await withDeadline(milliseconds: Self.patience) { try await self.wait(for: name) }
    } catch is DeadlineExceeded {
      throw GRPCStatus(.notFound, complaint())
    }
  }

  private func wait(for name: String) async throws -> Value {
    while true {
      let (value, latch) = state.withLock { state -> (Value?, Latch) in
        let latch = Latch()
        if let value = state.here[name] { return (value, latch) }
        // Those who gave up are let go of now and then; the others look again.
        if state.waiting.count >= 4 * most {
          for latch in state.waiting { latch.open() }
          state.waiting = []
        }
        state.waiting.append(latch)
        return (nil, latch)
      }
      if let value { return value }
      try await latch.wait()
    }
  }
}
