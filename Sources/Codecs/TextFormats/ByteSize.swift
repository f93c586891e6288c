/// Sizes in bytes as Docker reads and writes them: `512m`, `1.5 GiB`, `12.3kB`.
public enum ByteSize {
  /// Bytes of `text`, a number with an optional unit b, k, m, g, t, p, e (also kb, kib, …), always powers of 1024.
  public static func parse(_ text: String) throws(ByteSizeError) -> Int64 {
    let scalars = Array(text.unicodeScalars)
    guard let last = scalars.lastIndex(where: { ("0"..."9").contains($0) || $0 == "." || $0 == " " }) else {
      throw .invalid(text)
    }
    let number = string(scalars[..<(scalars[last] == " " ? last : last + 1)])
    let suffix = string(scalars[(last + 1)...])
    guard let value = Double(number), value.isFinite else { throw .notANumber(number) }
    guard value >= 0 else { throw .invalid(text) }
    return try whole(value * multiplier(suffix), text)
  }

  /// `bytes` in powers of 1000 with up to four digits, or three where docker's tables of images show three: `12.3kB`.
  public static func decimal(_ bytes: Double, digits: Int = 4) -> String {
    scaled(bytes, base: 1000, units: ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"], digits: digits)
  }

  /// `bytes` in powers of 1024 with up to four digits: `1.5GiB`.
  public static func binary(_ bytes: Double) -> String {
    scaled(bytes, base: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"])
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private static func multiplier(_ suffix: String) throws(ByteSizeError) -> Double {
    let lower = suffix.lowercased()
    if lower.isEmpty || lower == "b" { return 1 }
    let unit = lower.prefix(1)
    guard let power = ["k", "m", "g", "t", "p", "e"].firstIndex(where: { $0 == unit }),
      ["", "b", "ib"].contains(lower.dropFirst())
    else { throw .badSuffix(lower) }
    var result: Double = 1
    for _ in 0...power { result *= 1024 }
    return result
  }

  private static func whole(_ value: Double, _ text: String) throws(ByteSizeError) -> Int64 {
    guard value < 9.2e18 else { throw .invalid(text) }
    return Int64(value)
  }

  private static func scaled(_ bytes: Double, base: Double, units: [String], digits: Int = 4) -> String {
    var value = bytes
    var unit = 0
    while value >= base, unit < units.count - 1 {
      value /= base
      unit += 1
    }
    return significant(value, digits) + units[unit]
  }

  /// As C's `%.4g`, or with as many digits as asked for, for values that have no more before the point.
  private static func significant(_ value: Double, _ digits: Int) -> String {
    let limit = digits == 3 ? 999.5 : 9999.5
    var places = 0
    var scale: Double = 1
    if value > 0 {
      while value * scale * 10 < limit, places < 8 {
        scale *= 10
        places += 1
      }
    }
    let digits = Int64(nearest(value, times: scale))
    guard places > 0, scale > 0 else { return "\(digits)" }
    let unit = Int64(scale)
    var fraction = String(digits % unit + unit).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return fraction.isEmpty ? "\(digits / unit)" : "\(digits / unit).\(fraction)"
  }

  /// The whole number nearest to the exact product, as if it had not been rounded to a Double before.
  private static func nearest(_ value: Double, times scale: Double) -> Double {
    let product = value * scale
    let lost = (-product).addingProduct(value, scale)
    let rounded = product.rounded(.toNearestOrEven)
    guard lost != 0, (product - product.rounded(.down)) == 0.5 else { return rounded }
    return product.rounded(lost > 0 ? .up : .down)
  }
}

/// Why a text is no size; worded as Docker's.
public enum ByteSizeError: Error, Equatable, CustomStringConvertible {
  case invalid(String)
  case notANumber(String)
  case badSuffix(String)

  public var description: String {
    switch self {
    case .invalid(let text): "invalid size: '\(text)'"
    case .notANumber(let text): "strconv.ParseFloat: parsing \"\(text)\": invalid syntax"
    case .badSuffix(let suffix): "invalid suffix: '\(suffix)'"
    }
  }
}
