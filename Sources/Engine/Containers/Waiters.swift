import DockerAPI

/// Until when somebody waits.
enum Awaited: Sendable {
  /// The next end of the process, whether it is started again or not.
  case exit
  /// The end that no restart follows.
  case end
  case removal

  init(_ condition: WaitCondition) { self = condition == .removed ? .removal : .exit }
}

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
  /// Why it ended, where the code does not say it.
  public var explanation = ""
}

/// Those who wait for a container to end or to be removed.
struct Waiters {
  private var next = 0
  private var waiting: [Int: (awaited: Awaited, continuation: AsyncStream<Departure>.Continuation)] =
    [:]

  /// A stream that yields once.
  mutating func add(_ awaited: Awaited, gone: @escaping @Sendable (Int) -> Void) -> AsyncStream<
    Departure
  > {
    let (stream, continuation) = AsyncStream.makeStream(of: Departure.self)
    next += 1
    let number = next
    waiting[number] = (awaited, continuation)
    continuation.onTermination = { _ in gone(number) }
    return stream
  }

  mutating func remove(_ number: Int) { waiting[number] = nil }

  /// Tells everybody whom the end of the process concerns; the others wait for the removal.
  mutating func processEnded(_ departure: Departure) { tell(departure) { $0 != .removal } }

  /// The process ended and a restart follows.
  mutating func processExited(_ departure: Departure) { tell(departure) { $0 == .exit } }

  mutating func containerRemoved(_ departure: Departure) { tell(departure) { _ in true } }

  private mutating func tell(_ departure: Departure, _ concerns: (Awaited) -> Bool) {
    for (number, waiter) in waiting where concerns(waiter.awaited) {
      waiting[number] = nil
      waiter.continuation.yield(departure)
      waiter.continuation.finish()
    }
  }
}
