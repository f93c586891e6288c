/// What a plain scalar means, decided as go-yaml v3 does for values without a declared type: only `true` and `false`
/// are booleans, `0755` and `0o755` are octal, `1_000` is a number, `yes` is a word.
public enum ScalarValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  /// The key `<<`.
  case merge

  /// The value of a plain scalar.
  public init(plain text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .boolean(true)
    case "false", "False", "FALSE": self = .boolean(false)
    case ".nan", ".NaN", ".NAN": self = .number(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": self = .number(-.infinity)
    case "<<": self = .merge
    default: self = ScalarValue.number(text) ?? .string(text)
    }
  }

  private static func number(_ text: String) -> ScalarValue? {
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return nil }
    let plain = text.contains("_") ? text.filter { $0 != "_" } : text
    if first != UInt8(ascii: "."), let integer = integer(plain) { return .integer(integer) }
    return isFloat(plain.utf8) ? Double(plain).map(ScalarValue.number) : nil
  }

  private static func integer(_ text: String) -> Int64? {
    var digits = Substring(text)
    let negative = digits.first == "-"
    if negative || digits.first == "+" { digits = digits.dropFirst() }
    var radix = 10
    if digits.count > 1, digits.first == "0" {
      switch digits.dropFirst().first {
      case "x", "X": (radix, digits) = (16, digits.dropFirst(2))
      case "o", "O": (radix, digits) = (8, digits.dropFirst(2))
      case "b", "B": (radix, digits) = (2, digits.dropFirst(2))
      default: (radix, digits) = (8, digits.dropFirst(1))
      }
    }
    guard let first = digits.first, first != "-", first != "+" else { return nil }
    return Int64((negative ? "-" : "") + digits, radix: radix)
  }

  /// Matches `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
  private static func isFloat(_ text: String.UTF8View) -> Bool {
    var rest = Array(text)[...]
    func digits() -> Int {
      let found = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
      rest = rest.dropFirst(found)
      return found
    }
    func sign() {
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    }
    sign()
    let whole = digits()
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() + whole > 0 else { return false }
    } else if whole == 0 {
      return false
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      sign()
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
