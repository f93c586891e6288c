import Linux

/// Moments as RFC 3339 writes them.
enum Timestamp {
  /// UTC with nanoseconds, of nanoseconds since 1970.
  static func rfc3339(_ nanoseconds: Int64) -> String {
    let seconds = nanoseconds / 1_000_000_000
    let rest = nanoseconds % 1_000_000_000
    let (year, month, day) = civil(days: seconds / 86400)
    let second = seconds % 86400
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let fraction = String(String(1_000_000_000 + rest).dropFirst())
    return
      "\(year)-\(two(month))-\(two(day))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)).\(fraction)Z"
  }

  /// The date of a day counted from 1970-01-01, not before it: years are counted from March, so that the
  /// leap day is the last.
  static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
  }
}

extension Container {
  /// This moment, as containers' records have it.
  public static func timestamp() -> String { Timestamp.rfc3339(Clock.realtime) }
}
