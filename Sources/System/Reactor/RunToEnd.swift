import Synchronization

/// Runs a program's tasks, all of them on the calling thread, until `body` has ended, and answers what it answers.
///
/// To be called once, by the main thread, before anything is awaited.
public func runToEnd<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
  let loop = EventLoop.adoptMainThread()
  let answer = Answer<Value>()
  Task.detached { answer.value.withLock { [result = await body()] in $0 = result } }
  var value: Value?
  loop.runUntil {
    value = answer.value.withLock { $0 }
    return value != nil
  }
  guard let value else { preconditionFailure("a loop that ends without its answer") }
  return value
}

private final class Answer<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
