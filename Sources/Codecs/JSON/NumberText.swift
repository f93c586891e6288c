/// Floating-point numbers as Go's encoding/json writes them.
enum NumberText {
  /// Takes Swift's shortest exact description: plain digits from 1e-6 up to 1e21, else an exponent without
  /// padding; no `.0` at whole numbers.
  static func go(_ description: String) -> String {
    let parts = description.split(separator: "e", maxSplits: 1)
    let negative = description.hasPrefix("-")
    let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
    let digits = mantissa[0] + fraction
    let point = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    return (negative ? "-" : "") + lay(String(digits), point)
  }

  /// Lays out 0.DIGITS × 10^point.
  private static func lay(_ padded: String, _ pointOfPadded: Int) -> String {
    let digits = String(padded.drop { $0 == "0" })
    guard !digits.isEmpty else { return "0" }
    let point = pointOfPadded - (padded.count - digits.count)
    if point > 21 || point < -5 {
      let exponent = point - 1
      let rest = trimZeros(digits.dropFirst())
      return
        "\(digits.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }
    if point <= 0 { return "0." + String(repeating: "0", count: -point) + trimZeros(digits[...]) }
    if digits.count <= point { return digits + String(repeating: "0", count: point - digits.count) }
    let rest = trimZeros(digits.dropFirst(point))
    return rest.isEmpty ? String(digits.prefix(point)) : "\(digits.prefix(point)).\(rest)"
  }

  private static func trimZeros(_ digits: Substring) -> Substring {
    var digits = digits
    while digits.last == "0" { digits.removeLast() }
    return digits
  }
}
