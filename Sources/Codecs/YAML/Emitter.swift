import JSON

extension YAML {
  /// `value` as a YAML document in block style, laid out and quoted as go-yaml v3 does with an indent of two.
  ///
  /// Members of objects keep their order.
  public static func write(_ value: JSONValue) -> String {
    var emitter = Emitter()
    emitter.writeRoot(value)
    return String(decoding: emitter.output, as: UTF8.self)
  }

  /// Whether go-yaml sorts the key `left` before `right`: digits by their number, letters after other signs.
  public static func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
    let left = Array(left.unicodeScalars)
    let right = Array(right.unicodeScalars)
    var afterDigit = false
    for index in 0..<min(left.count, right.count) {
      if left[index] == right[index] {
        afterDigit = isDigit(left[index])
        continue
      }
      let leftLetter = left[index].properties.isAlphabetic
      let rightLetter = right[index].properties.isAlphabetic
      if leftLetter, rightLetter { return left[index] < right[index] }
      if leftLetter || rightLetter { return afterDigit ? leftLetter : rightLetter }
      return numberPrecedes(left, right, from: index)
    }
    return left.count < right.count
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

  private static func numberPrecedes(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], from index: Int)
    -> Bool
  {
    var start: Int64 = 0
    if left[index] == "0" || right[index] == "0" {
      var before = index - 1
      while before >= 0, isDigit(left[before]) {
        if left[before] != "0" {
          start = 1
          break
        }
        before -= 1
      }
    }
    func number(_ scalars: [Unicode.Scalar]) -> (value: Int64, end: Int) {
      var value = start
      var end = index
      while end < scalars.count, isDigit(scalars[end]) {
        value = value &* 10 &+ Int64(scalars[end].value - 48)
        end += 1
      }
      return (value, end)
    }
    let (leftValue, leftEnd) = number(left)
    let (rightValue, rightEnd) = number(right)
    if leftValue != rightValue { return leftValue < rightValue }
    if leftEnd != rightEnd { return leftEnd < rightEnd }
    return left[index] < right[index]
  }
}

private struct Emitter {
  var output: [UInt8] = []

  private mutating func put(_ text: String) { output.append(contentsOf: text.utf8) }
  private mutating func indent(_ width: Int) { output.append(contentsOf: repeatElement(0x20, count: width)) }

  mutating func writeRoot(_ value: JSONValue) {
    switch value {
    case .object(let object) where !object.isEmpty: writeMembers(object, at: 0, continuing: true)
    case .array(let items) where !items.isEmpty: writeItems(items, at: 0, continuing: true)
    default:
      writeScalar(value, at: 0, leadingSpace: false)
      put("\n")
    }
  }

  /// Writes members at `column`; the first goes on in the current line where `continuing` says so.
  private mutating func writeMembers(_ object: JSONObject, at column: Int, continuing: Bool) {
    for (place, member) in object.members.enumerated() {
      if place > 0 || !continuing { indent(column) }
      let key = ScalarText(member.key)
      if key.isSimpleKey {
        put(key.inKey)
        put(":")
      } else {
        put("? ")
        put(key.value(at: column))
        put("\n")
        indent(column)
        put(":")
      }
      writeValue(member.value, at: column)
    }
  }

  private mutating func writeValue(_ value: JSONValue, at column: Int) {
    switch value {
    case .object(let object) where !object.isEmpty:
      put("\n")
      writeMembers(object, at: column + 2, continuing: false)
    case .array(let items) where !items.isEmpty:
      put("\n")
      writeItems(items, at: column + 2, continuing: false)
    default:
      writeScalar(value, at: column, leadingSpace: true)
      put("\n")
    }
  }

  private mutating func writeItems(_ items: [JSONValue], at column: Int, continuing: Bool) {
    for (place, item) in items.enumerated() {
      if place > 0 || !continuing { indent(column) }
      put("-")
      switch item {
      case .object(let object) where !object.isEmpty:
        put(" ")
        writeMembers(object, at: column + 2, continuing: true)
      case .array(let inner) where !inner.isEmpty:
        put(" ")
        writeItems(inner, at: column + 2, continuing: true)
      default:
        writeScalar(item, at: column, leadingSpace: true)
        put("\n")
      }
    }
  }

  private mutating func writeScalar(_ value: JSONValue, at column: Int, leadingSpace: Bool) {
    if leadingSpace { put(" ") }
    switch value {
    case .null: put("null")
    case .bool(let flag): put(flag ? "true" : "false")
    case .integer(let integer): put("\(integer)")
    case .number(let number): put(goNumber(number))
    case .string(let text): put(ScalarText(text).value(at: column))
    case .array: put("[]")
    case .object: put("{}")
    }
  }

  /// As Go's `FormatFloat(x, 'g', -1, 64)`, with YAML's words for what is no number.
  private func goNumber(_ number: Double) -> String {
    if number.isNaN { return ".nan" }
    if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
    return GoNumber.shortest(number, exponentFrom: 21)
  }
}

/// Numbers as Go prints them.
public enum GoNumber {
  /// The shortest decimal that reads back as `number`; with an exponent below 1e-4 and from 10^`exponentFrom` up, or
  /// where the digits end before the point (as Go's 'g' does).
  public static func shortest(_ number: Double, exponentFrom: Int = 21) -> String {
    guard number != 0 else { return number.sign == .minus ? "-0" : "0" }
    let sign = number < 0 ? "-" : ""
    var (digits, exponent) = decimal(number.magnitude)
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    if exponent < -4 || exponent >= exponentFrom {
      let mantissa = digits.count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : digits
      let size = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(size)"
    }
    if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
    if digits.count <= exponent + 1 {
      return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
    }
    return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
  }

  /// The significant digits of a positive number, and the power of ten of the first.
  private static func decimal(_ number: Double) -> (digits: String, exponent: Int) {
    var text = Substring(number.description)
    var exponent = 0
    if let mark = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: mark)...]) ?? 0
      text = text[..<mark]
    }
    let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
    let whole = pieces.first.map(String.init) ?? "0"
    let fraction = pieces.count > 1 ? String(pieces[1]) : ""
    var digits = Substring(whole + fraction)
    exponent += whole.count - 1
    while digits.count > 1, digits.first == "0" {
      digits = digits.dropFirst()
      exponent -= 1
    }
    return (String(digits), exponent)
  }
}
