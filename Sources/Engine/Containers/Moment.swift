import Linux
import TextFormats

/// Moments as Docker writes them: RFC 3339 in UTC, with nanoseconds.
enum Moment {
  static func now() -> String { Timestamp(nanoseconds: Clock.realtime).rfc3339 }

  /// Seconds since 1970, now.
  static func seconds() -> Int64 { Clock.realtime / 1_000_000_000 }

  /// Seconds since 1970; 0 for what is no time.
  static func seconds(_ text: String) -> Int64 { Timestamp(rfc3339: text)?.seconds ?? 0 }
}
