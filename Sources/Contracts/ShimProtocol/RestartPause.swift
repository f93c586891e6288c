/// How long a container waits before it is started again: docker's 100 ms, twice as long after each end that follows soon,
/// never longer than a minute.
public struct RestartPause: Sendable, Equatable {
  public static let shortest: Int64 = 100_000_000
  public static let longest: Int64 = 60_000_000_000
  /// Whoever ran as long as this, in nanoseconds, starts over with the shortest pause.
  public static let stable: Int64 = 10_000_000_000

  /// The last pause, in nanoseconds; 0 where there was none since the last start-over.
  public private(set) var nanoseconds: Int64 = 0

  public init() {}

  /// The next pause, in nanoseconds.
  public mutating func next() -> Int64 {
    nanoseconds = nanoseconds == 0 ? Self.shortest : min(nanoseconds * 2, Self.longest)
    return nanoseconds
  }

  public mutating func startOver() { nanoseconds = 0 }
}
