import Synchronization

/// Runs a program's tasks while the calling thread, the main one, waits; answers what `body` answers.
public func runToEnd<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
  let pending = Pending<Value>()
  Task.detached { pending.finish(await body()) }
  return pending.wait()
}

private final class Pending<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let semaphore = Semaphore()

  func finish(_ value: Value) {
    self.value.withLock { $0 = value }
    semaphore.post()
  }

  func wait() -> Value {
    while true {
      semaphore.wait()
      if let value = value.withLock({ $0 }) { return value }
    }
  }
}
