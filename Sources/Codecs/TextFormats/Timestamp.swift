/// A moment: nanoseconds since 1970 in UTC. Text is RFC 3339.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  public init(seconds: Int64) {
    nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
  }

  /// Whole seconds since 1970.
  public var seconds: Int64 { Self.floor(nanoseconds, 1_000_000_000) }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Reads `2024-01-02T03:04:05.678Z`, also with an offset as `+02:00`; nil when it is none.
  /// A missing offset counts as UTC, a missing time as midnight.
  public init?(rfc3339 text: String) {
    var reader = Reader(rest: text.utf8[...])
    guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
      let day = reader.number(2), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var seconds = Self.days(year: year, month: month, day: day) * 86400
    var fraction: Int64 = 0
    if reader.take("T") || reader.take("t") || reader.take(" ") {
      guard let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), hour < 24,
        minute < 60
      else { return nil }
      var second: Int64 = 0
      if reader.take(":") {
        guard let given = reader.number(2), given < 61 else { return nil }
        second = given
        if reader.take(".") { fraction = reader.fraction() }
      }
      seconds += hour * 3600 + minute * 60 + second
      guard let offset = reader.offset() else { return nil }
      seconds -= offset
    }
    guard reader.rest.isEmpty else { return nil }
    let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflows else { return nil }
    nanoseconds = product + fraction
  }

  /// Reads seconds since 1970 with an optional fraction, `1136073600.000000001`; nil when it is none.
  public init?(unix text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let number = Int64(parts[0]) else { return nil }
    // Nanoseconds reach to the year 2262: who says 9999999999 means for ever.
    let seconds = min(max(number, -9_000_000_000), 9_000_000_000)
    nanoseconds = seconds * 1_000_000_000
    guard parts.count == 2 else { return }
    let digits = parts[1].prefix(9)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let fraction = Int64(digits)
    else { return nil }
    let scaled = (digits.count..<9).reduce(fraction) { value, _ in value * 10 }
    nanoseconds += text.hasPrefix("-") ? -scaled : scaled
  }

  /// `2024-01-02T03:04:05.678Z`: with as many digits of the fraction as it has, none for whole seconds.
  public var rfc3339: String {
    "\(date)T\(time)\(shortFraction)Z"
  }

  /// The fraction with its point and as many digits as it has: `.678`; empty for whole seconds.
  public var shortFraction: String {
    var digits = fraction
    while digits.last == "0" { digits.removeLast() }
    return digits.isEmpty ? "" : ".\(digits)"
  }

  /// What it is past the whole second: nine digits.
  public var fraction: String { Self.pad(nanoseconds - seconds * 1_000_000_000, 9) }

  /// `2024-01-02`.
  public var date: String {
    let (year, month, day) = Self.date(days: Self.floor(seconds, 86400))
    return "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
  }

  /// `03:04:05`.
  public var time: String {
    let second = seconds - Self.floor(seconds, 86400) * 86400
    return "\(Self.pad(second / 3600, 2)):\(Self.pad(second / 60 % 60, 2)):\(Self.pad(second % 60, 2))"
  }

  /// `Mon`, `Tue` and so on.
  public var weekday: String {
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let days = Self.floor(seconds, 86400)
    return names[Int(days - Self.floor(days, 7) * 7)]
  }

  /// `Jan`, `Feb` and so on.
  public var month: String {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return names[Int(Self.date(days: Self.floor(seconds, 86400)).month - 1)]
  }

  static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func floor(_ number: Int64, _ unit: Int64) -> Int64 {
    let quotient = number / unit
    return number % unit < 0 ? quotient - 1 : quotient
  }

  /// Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so that leap days
  /// stand at their end.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floor(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floor(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private struct Reader {
    var rest: Substring.UTF8View

    mutating func take(_ letter: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: letter) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(_ count: Int) -> Int64? {
      let digits = rest.prefix(count)
      guard digits.count == count, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
      rest.removeFirst(count)
      return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    /// The digits after the point, as nanoseconds; what is finer is dropped.
    mutating func fraction() -> Int64 {
      var value: Int64 = 0
      var unit: Int64 = 100_000_000
      while let digit = rest.first, (48...57).contains(digit) {
        value += Int64(digit - 48) * unit
        unit /= 10
        rest.removeFirst()
      }
      return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
      if rest.isEmpty || take("Z") || take("z") { return 0 }
      let east = take("+")
      guard east || take("-"), let hours = number(2) else { return nil }
      _ = take(":")
      guard let minutes = number(2) else { return nil }
      return (east ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
  }
}
