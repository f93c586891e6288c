/// Moments in nanoseconds since 1970 (UTC), and their text in RFC 3339.
public enum LogTime {
  /// As Go's RFC3339Nano writes it (no trailing zeros), or with all nine digits.
  public static func text(_ nanoseconds: Int64, fixed: Bool = false) -> String {
    var bytes: [UInt8] = []
    append(nanoseconds, fixed: fixed, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  static func append(_ nanoseconds: Int64, fixed: Bool = false, to bytes: inout [UInt8]) {
    let (seconds, fraction) = floorDivision(nanoseconds, 1_000_000_000)
    let (day, time) = floorDivision(seconds, 86400)
    let date = civil(day)
    digits(date.year, 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    digits(date.month, 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    digits(date.day, 2, to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    digits(time / 3600, 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    digits(time / 60 % 60, 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    digits(time % 60, 2, to: &bytes)
    if fraction != 0 || fixed {
      bytes.append(UInt8(ascii: "."))
      digits(fraction, 9, to: &bytes)
      while !fixed, bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    }
    bytes.append(UInt8(ascii: "Z"))
  }

  /// Reads `2026-01-02T03:04:05.678Z`, or with an offset (`+01:00`) in place of the Z; nil for anything else.
  public static func parse(_ text: some Sequence<UInt8>) -> Int64? {
    var rest = TimeScanner(rest: Array(text)[...])
    guard let year = rest.number(4), rest.skip("-"), let month = rest.number(2), (1...12).contains(month),
      rest.skip("-"), let day = rest.number(2), (1...31).contains(day), rest.skip("T"),
      let hour = rest.number(2), hour < 24, rest.skip(":"), let minute = rest.number(2), minute < 60,
      rest.skip(":"), let second = rest.number(2), second < 61,
      let fraction = rest.fraction(), let offset = rest.offset(), rest.rest.isEmpty
    else { return nil }
    let seconds = (days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - offset
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? nil : whole.addingReportingOverflow(fraction).partialValue
  }
}

private struct TimeScanner {
  var rest: ArraySlice<UInt8>

  mutating func number(_ count: Int) -> Int64? {
    guard rest.count >= count, rest.prefix(count).allSatisfy({ (48...57).contains($0) }) else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count).reduce(0) { $0 * 10 + Int64($1 - 48) }
  }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: scalar) else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Nanoseconds; digits beyond the ninth are dropped.
  mutating func fraction() -> Int64? {
    guard skip(".") else { return 0 }
    let all = rest.prefix { (48...57).contains($0) }
    guard !all.isEmpty else { return nil }
    rest = rest.dropFirst(all.count)
    let kept = all.prefix(9)
    return (kept.count..<9).reduce(kept.reduce(0) { $0 * 10 + Int64($1 - 48) }) { value, _ in value * 10 }
  }

  /// Seconds east of UTC.
  mutating func offset() -> Int64? {
    if skip("Z") { return 0 }
    let east = skip("+")
    guard east || skip("-"), let hours = number(2), skip(":"), let minutes = number(2) else { return nil }
    return (east ? 1 : -1) * (hours * 3600 + minutes * 60)
  }
}

private func digits(_ value: Int64, _ count: Int, to bytes: inout [UInt8]) {
  let start = bytes.count
  var rest = value
  for _ in 0..<count {
    bytes.append(UInt8(48 + rest % 10))
    rest /= 10
  }
  bytes[start...].reverse()
}

private func floorDivision(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

/// Days since 1970 to a date of the Gregorian calendar, by eras of 400 years that begin on 1 March.
private func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let (era, inEra) = floorDivision(day + 719_468, 146_097)
  let yearOfEra = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146_096) / 365
  let dayOfYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shifted = (5 * dayOfYear + 2) / 153
  let month = shifted < 10 ? shifted + 3 : shifted - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
}

/// The reverse of `civil`.
private func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
  let (era, yearOfEra) = floorDivision(month <= 2 ? year - 1 : year, 400)
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
