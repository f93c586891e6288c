/// Durations as Go writes them: `1h30m0s`, `1.5s`, `300ms`.
public enum GoDuration {
  /// Nanoseconds of `text`, a signed sequence of decimal numbers with units ns, us, ms, s, m, h.
  ///
  /// With `days`, also d and w, as compose files allow. Errors are worded as Go's.
  public static func parse(_ text: String, days: Bool = false) throws(GoDurationError) -> Int64 {
    var rest = Substring(text)
    let negative = rest.first == "-"
    if let sign = rest.first, sign == "-" || sign == "+" { rest = rest.dropFirst() }
    if rest == "0" { return 0 }
    guard !rest.isEmpty else { throw .invalid(text) }
    var total: Int64 = 0
    while !rest.isEmpty {
      let part = try component(&rest, of: text, days: days)
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { throw .invalid(text) }
      total = sum
    }
    return negative ? -total : total
  }

  /// `nanoseconds` in Go's spelling; zero is `0s`.
  public static func format(nanoseconds: Int64) -> String {
    guard nanoseconds != 0 else { return "0s" }
    let sign = nanoseconds < 0 ? "-" : ""
    let value = nanoseconds.magnitude
    if value < 1_000 { return "\(sign)\(value)ns" }
    if value < 1_000_000 { return "\(sign)\(fraction(value, per: 1_000))µs" }
    if value < 1_000_000_000 { return "\(sign)\(fraction(value, per: 1_000_000))ms" }
    let minutes = value / 60_000_000_000
    let seconds = "\(fraction(value % 60_000_000_000, per: 1_000_000_000))s"
    if minutes == 0 { return sign + seconds }
    if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
    return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
  }

  private static func component(
    _ rest: inout Substring, of text: String, days: Bool
  ) throws(GoDurationError) -> Int64 {
    let number = rest.prefix { $0 == "." || ("0"..."9").contains($0) }
    rest = rest.dropFirst(number.count)
    let pieces = number.split(separator: ".", omittingEmptySubsequences: false)
    guard !number.isEmpty, number != ".", pieces.count <= 2 else { throw .invalid(text) }
    let unit = rest.prefix { $0 != "." && !("0"..."9").contains($0) }
    guard !unit.isEmpty else { throw .missingUnit(text) }
    rest = rest.dropFirst(unit.count)
    guard let scale = scale(of: unit, days: days) else { throw .unknownUnit(String(unit), text) }
    guard let whole = Int64(pieces[0].isEmpty ? "0" : pieces[0]) else { throw .invalid(text) }
    let (scaled, overflow) = whole.multipliedReportingOverflow(by: scale)
    guard !overflow else { throw .invalid(text) }
    guard pieces.count == 2 else { return scaled }
    return scaled + part(pieces[1], of: scale)
  }

  private static func part(_ digits: Substring, of scale: Int64) -> Int64 {
    var value: Double = 0
    var place: Double = 1
    for digit in digits.prefix(18) {
      value = value * 10 + Double(digit.wholeNumberValue ?? 0)
      place *= 10
    }
    return Int64(value * (Double(scale) / place))
  }

  private static func scale(of unit: Substring, days: Bool) -> Int64? {
    switch unit {
    case "ns": 1
    case "us", "µs", "μs": 1_000
    case "ms": 1_000_000
    case "s": 1_000_000_000
    case "m": 60_000_000_000
    case "h": 3_600_000_000_000
    case "d" where days: 86_400_000_000_000
    case "w" where days: 604_800_000_000_000
    default: nil
    }
  }

  private static func fraction(_ value: UInt64, per unit: UInt64) -> String {
    let whole = value / unit
    let left = value % unit
    guard left != 0 else { return "\(whole)" }
    var digits = String(left + unit).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }
}

/// Why a text is no duration; worded as Go's time package.
public enum GoDurationError: Error, Equatable, CustomStringConvertible {
  case invalid(String)
  case missingUnit(String)
  case unknownUnit(String, String)

  public var description: String {
    switch self {
    case .invalid(let text): "time: invalid duration \"\(text)\""
    case .missingUnit(let text): "time: missing unit in duration \"\(text)\""
    case .unknownUnit(let unit, let text): "time: unknown unit \"\(unit)\" in duration \"\(text)\""
    }
  }
}
