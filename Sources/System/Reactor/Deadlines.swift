import Linux

/// Waits. Throws `CancellationError` at once when the task is cancelled.
public func sleep(milliseconds: Int) async throws(CancellationError) {
  let waiter = Waiter()
  // More than a century is no deadline, and must not be a trap either.
  let nanoseconds = Int64(min(max(0, milliseconds), 1 << 42)) * 1_000_000
  EventLoop.shared.wake(waiter, at: Clock.monotonic + nanoseconds)
  guard await waiter.outcome() == .ready else {
    EventLoop.shared.forgetAlarm(of: waiter)
    throw CancellationError()
  }
}

/// The time for `withDeadline` was over.
public struct DeadlineExceeded: Error, Sendable, CustomStringConvertible {
  public let milliseconds: Int
  public var description: String { "not done within \(milliseconds) ms" }
}

/// Runs `body`, cancels it after this time and then throws `DeadlineExceeded`. Returns when `body` has ended.
public func withDeadline<Value: Sendable>(
  milliseconds: Int, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await sleep(milliseconds: milliseconds)
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let value = first else {
      throw DeadlineExceeded(milliseconds: milliseconds)
    }
    return value
  }
}
