import DockerAPI

/// When `POST /containers/{id}/wait` answers.
public enum WaitCondition: String, Sendable {
  case notRunning = "not-running"
  case nextExit = "next-exit"
  case removed
}

/// What a container's end is waited for with; each is told once.
public struct Departure: Sendable, Equatable {
  public var code: Int32
  public var error: String
}

/// Those who wait for a container to end or to be removed.
struct Waiters {
  private var next = 0
  private var waiting: [Int: (condition: WaitCondition, continuation: AsyncStream<Departure>.Continuation)] =
    [:]

  /// A stream that yields once.
  mutating func add(_ condition: WaitCondition, gone: @escaping @Sendable (Int) -> Void) -> AsyncStream<
    Departure
  > {
    let (stream, continuation) = AsyncStream.makeStream(of: Departure.self)
    next += 1
    let number = next
    waiting[number] = (condition, continuation)
    continuation.onTermination = { _ in gone(number) }
    return stream
  }

  mutating func remove(_ number: Int) { waiting[number] = nil }

  /// Tells everybody whom the end of the process concerns; the others wait for the removal.
  mutating func processEnded(_ departure: Departure) { tell(departure) { $0 != .removed } }

  mutating func containerRemoved(_ departure: Departure) { tell(departure) { _ in true } }

  private mutating func tell(_ departure: Departure, _ concerns: (WaitCondition) -> Bool) {
    for (number, waiter) in waiting where concerns(waiter.condition) {
      waiting[number] = nil
      waiter.continuation.yield(departure)
      waiter.continuation.finish()
    }
  }
}
