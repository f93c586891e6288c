/// Which part of a log is wanted.
public struct LogQuery: Sendable, Equatable {
  /// Only the last so many lines of what is there at the beginning; nil wants all. Counted before the other conditions.
  public var tail: Int?
  /// Nanoseconds since 1970, inclusive.
  public var since: Int64?
  public var until: Int64?
  public var stdout: Bool
  public var stderr: Bool

  public init(
    tail: Int? = nil, since: Int64? = nil, until: Int64? = nil, stdout: Bool = true, stderr: Bool = true
  ) {
    self.tail = tail
    self.since = since
    self.until = until
    self.stdout = stdout
    self.stderr = stderr
  }

  func wants(_ entry: LogEntry) -> Bool {
    (entry.stream == .stdout ? stdout : stderr) && (since.map { entry.time >= $0 } ?? true)
      && (until.map { entry.time <= $0 } ?? true)
  }
}
