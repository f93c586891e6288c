import Linux

/// The program was asked by a signal to end, in the middle of something that had to be cleared away first.
public struct Interruption: Error, Hashable, Sendable, CustomStringConvertible {
  public let signal: Int32
  /// What a shell expects of a program that a signal has ended.
  public var status: Int32 { 128 + signal }
  public var description: String { "interrupted" }
}

/// Runs `body` so that SIGINT, SIGTERM and SIGHUP cancel it, where they would end the program at once; waits until it has
/// cleared away what it made, and throws `Interruption`. Not to be nested: a signal has one hearer.
public func interruptible<Value: Sendable>(
  _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let signals = Signals.stream([Signal.interrupt, .terminate, .hangup].map(\.rawValue))
  return try await withThrowingTaskGroup(of: Ending<Value>.self) { group in
    group.addTask { .done(try await body()) }
    group.addTask {
      for await signal in signals { return .signal(signal) }
      return .silence
    }
    while let outcome = try await group.next() {
      switch outcome {
      case .done(let value):
        group.cancelAll()
        return value
      case .signal(let signal):
        group.cancelAll()
        // However the body ends now: the signal is the answer.
        while await group.nextResult() != nil {}
        throw Interruption(signal: signal)
      case .silence: continue
      }
    }
    throw CancellationError()
  }
}

private enum Ending<Value: Sendable>: Sendable {
  case done(Value)
  case signal(Int32)
  /// The task was cancelled before a signal came.
  case silence
}
