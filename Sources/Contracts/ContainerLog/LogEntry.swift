/// Which of a container's outputs a line came from; a terminal has only `stdout`.
public enum LogStream: Sendable, Hashable {
  case stdout, stderr

  var name: StaticString {
    switch self {
    case .stdout: "stdout"
    case .stderr: "stderr"
    }
  }
}

/// One line of a log, or a part of a line above 16 KiB.
public struct LogEntry: Sendable, Equatable {
  public var stream: LogStream
  /// Nanoseconds since 1970.
  public var time: Int64
  /// The newline included where the line is complete.
  public var bytes: [UInt8]

  public init(stream: LogStream, time: Int64, bytes: [UInt8]) {
    self.stream = stream
    self.time = time
    self.bytes = bytes
  }
}
