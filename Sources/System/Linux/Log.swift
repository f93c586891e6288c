import Glibc
import Synchronization

/// What an operator should hear of, a line each on standard error: time, level, text.
public enum Log {
  public enum Level: Int, Comparable, Sendable {
    case debug, info, warning, error
    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    var name: String {
      switch self {
      case .debug: "debug"
      case .info: "info"
      case .warning: "warn"
      case .error: "error"
      }
    }
  }

  private static let threshold = Atomic<Int>(Level.info.rawValue)

  /// Lines below this level are left out.
  public static var level: Level {
    get { Level(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
    set { threshold.store(newValue.rawValue, ordering: .relaxed) }
  }

  public static func debug(_ text: @autoclosure () -> String) { write(.debug, text) }
  public static func info(_ text: @autoclosure () -> String) { write(.info, text) }
  public static func warning(_ text: @autoclosure () -> String) { write(.warning, text) }
  public static func error(_ text: @autoclosure () -> String) { write(.error, text) }

  private static func write(_ level: Level, _ text: () -> String) {
    guard level >= self.level else { return }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    var stamp = [CChar](repeating: 0, count: 32)
    strftime(&stamp, stamp.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let moment = String(decoding: stamp.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let millis = String(now.tv_nsec / 1_000_000 + 1000).dropFirst()
    let line = "\(moment).\(millis)Z \(level.name) \(text().replacing("\n", with: "\\n"))\n"
    // A log that cannot be written is not worth dying for.
    _ = Array(line.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
