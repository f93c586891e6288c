import EngineErrors
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

/// Whether `created` lies before every `until` filter: an RFC 3339 time, seconds since 1970, or a duration back
/// from now.
func isBefore(_ created: String, _ filters: [String]) throws(EngineError) -> Bool {
  for filter in filters {
    let limit: Int64
    if let time = Timestamp(rfc3339: filter) {
      limit = time.seconds
    } else if let seconds = Double(filter) {
      limit = Int64(seconds)
    } else if let duration = try? GoDuration.parse(filter) {
      // A text that is no duration either is refused below.
      limit = Moment.seconds() - duration / 1_000_000_000
    } else {
      throw EngineError(.invalidArgument, "failed to parse value as time or duration: \"\(filter)\"")
    }
    if Moment.seconds(created) >= limit { return false }
  }
  return true
}
