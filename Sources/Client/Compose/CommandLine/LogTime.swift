import Linux
import TextFormats

/// The form of logrus's lines.
enum LogTime {
  /// The present moment in whole seconds, RFC 3339.
  static func now() -> String {
    let seconds = Clock.realtime / 1_000_000_000
    return Timestamp(seconds: seconds).rfc3339
  }
}
