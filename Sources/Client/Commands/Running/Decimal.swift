/// Numbers of CPUs: decimals, kept as billionths.
enum Decimal {
  /// `1.5` as 1,500,000,000; also fractions as `1/2`. Nil when it is no number or finer than a billionth.
  static func billionths(_ text: String) -> Int64? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, let top = Int64(parts[0]), let bottom = Int64(parts[1]), bottom != 0 {
      let (product, overflows) = top.multipliedReportingOverflow(by: 1_000_000_000)
      return overflows || product % bottom != 0 ? nil : product / bottom
    }
    let negative = text.hasPrefix("-")
    let digits = text.drop { $0 == "-" || $0 == "+" }.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(digits.count), let whole = Int64(digits[0].isEmpty ? "0" : digits[0]),
      whole < 9_000_000_000,
      digits.joined().contains(where: \.isNumber)
    else { return nil }
    var fraction = digits.count > 1 ? String(digits[1]) : ""
    while fraction.hasSuffix("0") { fraction.removeLast() }
    guard fraction.count <= 9,
      let part = Int64("0" + fraction + String(repeating: "0", count: 9 - fraction.count))
    else { return nil }
    return (negative ? -1 : 1) * (whole * 1_000_000_000 + part)
  }

  static let complaint: @Sendable (String) -> String? = { text in
    billionths(text) == nil ? "failed to parse \(text) as a rational number" : nil
  }
}
