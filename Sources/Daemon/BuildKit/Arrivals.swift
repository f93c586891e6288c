import GRPC
import Reactor
import Synchronization

/// What clients bring, by its name. Who asks too early waits a while: requests of one client overtake each other.
final class Arrivals<Value: Sendable>: Sendable {
  private struct State {
    var here: [String: Value] = [:]
    var changes = Changes()
  }

  private let most: Int
  private let state = Mutex(State())

  /// How long somebody waits for what has not come, in milliseconds.
  static var patience: Int { 5000 }

  /// - Parameter most: more are turned away.
  init(most: Int) { self.most = most }

  /// False where there is one of the name, or there are too many.
  func add(_ name: String, _ value: Value) -> Bool {
    state.withLock { state in
      guard state.here[name] == nil, state.here.count < most else { return false }
      state.here[name] = value
      state.changes.tell()
      return true
    }
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
      let (value, latch) = state.withLock { ($0.here[name], $0.changes.next()) }
      if let value { return value }
      try await latch.wait()
    }
  }
}
