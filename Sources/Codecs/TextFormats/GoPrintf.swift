import JSON

/// Go's `fmt.Sprintf` for JSON values: the verbs v s d q t x X o b c f e g T with flags, width and precision.
enum GoPrintf {
  /// Widths and precisions are bounded.
  private static let widest = 1000

  static func format(_ format: String, _ arguments: [JSONValue]) -> String {
    var result = ""
    var letters = Array(format)[...]
    var used = 0
    while let letter = letters.popFirst() {
      guard letter == "%" else {
        result.append(letter)
        continue
      }
      let verb = Verb(&letters)
      if verb.letter == "%" {
        result += "%"
      } else if verb.letter == nil {
        result += "%!(NOVERB)"
      } else if used < arguments.count {
        result += verb.apply(arguments[used])
        used += 1
      } else {
        result += "%!\(verb.letter ?? "%")(MISSING)"
      }
    }
    if used < arguments.count {
      result +=
        "%!(EXTRA "
        + arguments[used...].map { "\($0.goType)=\(TemplateValue.text($0))" }.joined(
          separator: ", ") + ")"
    }
    return result
  }

  private struct Verb {
    var left = false
    var zeros = false
    var plus = false
    var width = 0
    var precision: Int?
    var letter: Character?

    init(_ letters: inout ArraySlice<Character>) {
      while let flag = letters.first, "-0+# ".contains(flag) {
        letters.removeFirst()
        left = left || flag == "-"
        zeros = zeros || flag == "0"
        plus = plus || flag == "+"
      }
      width = Self.number(&letters) ?? 0
      if letters.first == "." {
        letters.removeFirst()
        precision = Self.number(&letters) ?? 0
      }
      letter = letters.popFirst()
    }

    private static func number(_ letters: inout ArraySlice<Character>) -> Int? {
      var value: Int?
      while let digit = letters.first?.wholeNumberValue, letters.first?.isASCII == true {
        letters.removeFirst()
        value = min((value ?? 0) * 10 + digit, GoPrintf.widest)
      }
      return value
    }

    func apply(_ value: JSONValue) -> String {
      let text = shown(value)
      let missing = width - text.count
      guard missing > 0 else { return text }
      if left { return text + String(repeating: " ", count: missing) }
      let isNumber = value.number != nil
      guard zeros, isNumber else { return String(repeating: " ", count: missing) + text }
      let sign = text.hasPrefix("-") || text.hasPrefix("+") ? 1 : 0
      return text.prefix(sign) + String(repeating: "0", count: missing) + text.dropFirst(sign)
    }

    private func shown(_ value: JSONValue) -> String {
      let wrong = "%!\(letter ?? "v")(\(value.goType)=\(TemplateValue.text(value)))"
      switch (letter, value) {
      case ("v", _): return TemplateValue.text(value)
      case ("s", .string(let text)): return precision.map { String(text.prefix($0)) } ?? text
      case ("s", .array), ("s", .object): return TemplateValue.text(value)
      case ("q", .string(let text)): return GoQuote.text(text)
      case ("q", .array(let elements)): return "[" + elements.map(shown).joined(separator: " ") + "]"
      case ("t", .bool): return TemplateValue.text(value)
      case ("T", _): return value.goType
      case ("d", .integer(let number)): return plus && number >= 0 ? "+\(number)" : "\(number)"
      case ("x", .integer(let number)): return String(number, radix: 16)
      case ("X", .integer(let number)): return String(number, radix: 16, uppercase: true)
      case ("o", .integer(let number)): return String(number, radix: 8)
      case ("b", .integer(let number)): return String(number, radix: 2)
      case ("x", .string(let text)):
        return text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      case ("c", .integer(let number)):
        return UInt32(exactly: number).flatMap(Unicode.Scalar.init).map { String(Character($0)) }
          ?? "\u{FFFD}"
      case ("f", .number(let number)), ("e", .number(let number)): return fixed(number)
      case ("g", .number): return TemplateValue.text(value)
      default: return wrong
      }
    }

    /// Rounded to `precision` digits after the point, 6 when none is asked for.
    private func fixed(_ number: Double) -> String {
      let digits = min(precision ?? 6, 15)
      var scale = 1.0
      for _ in 0..<digits { scale *= 10 }
      let scaled = (number.magnitude * scale).rounded(.toNearestOrEven)
      guard scaled < 9e18 else { return "\(number)" }
      let whole = UInt64(scaled)
      let unit = UInt64(scale)
      let fraction = String(whole % unit)
      let sign = number < 0 ? "-" : plus ? "+" : ""
      if digits == 0 { return "\(sign)\(whole)" }
      return "\(sign)\(whole / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
  }
}
