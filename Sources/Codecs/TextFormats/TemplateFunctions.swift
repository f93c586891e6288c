import JSON

/// The functions of Go's text/template, and those that docker adds.
enum TemplateFunctions {
  /// What an argument may be.
  enum Kind {
    case any, text, texts, number

    func takes(_ value: JSONValue) -> Bool {
      switch self {
      case .any: true
      case .text: value.string != nil
      case .texts: value.array != nil
      case .number: value.integer != nil
      }
    }

    var typeName: String {
      switch self {
      case .any: "interface {}"
      case .text: "string"
      case .texts: "[]string"
      case .number: "int"
      }
    }

    /// The kind as messages about literals name it.
    var literal: String { self == .number ? "integer" : typeName }
  }

  /// The arguments of a function; `rest` is what more may follow.
  struct Signature {
    let kinds: [Kind]
    let rest: Kind?

    init(_ kinds: Kind..., rest: Kind? = nil) {
      self.kinds = kinds
      self.rest = rest
    }

    func kind(of place: Int) -> Kind { place < kinds.count ? kinds[place] : rest ?? .any }

    func complaint(about count: Int) -> String? {
      if rest != nil { return count < kinds.count ? "want at least \(kinds.count) got \(count)" : nil }
      return count == kinds.count ? nil : "want \(kinds.count) got \(count)"
    }
  }

  static let signatures: [String: Signature] = [
    "and": Signature(.any, rest: .any), "or": Signature(.any, rest: .any), "not": Signature(.any),
    "eq": Signature(.any, rest: .any), "ne": Signature(.any, .any), "lt": Signature(.any, .any),
    "le": Signature(.any, .any), "gt": Signature(.any, .any), "ge": Signature(.any, .any),
    "len": Signature(.any), "index": Signature(.any, rest: .any), "slice": Signature(.any, rest: .any),
    "call": Signature(.any, rest: .any), "print": Signature(rest: .any), "println": Signature(rest: .any),
    "printf": Signature(.text, rest: .any), "html": Signature(rest: .any), "js": Signature(rest: .any),
    "urlquery": Signature(rest: .any), "json": Signature(.any), "split": Signature(.text, .text),
    "join": Signature(.texts, .text), "title": Signature(.text), "lower": Signature(.text),
    "upper": Signature(.text), "pad": Signature(.text, .number, .number),
    "truncate": Signature(.text, .number),
  ]

  /// The error is what Go says behind `error calling NAME:`. The arguments are of the function's kinds.
  static func call(_ name: String, _ values: [JSONValue]) throws(TemplateError) -> TemplateValue {
    switch name {
    case "json": return .json(.string(String(decoding: JSON.encode(values[0], as: .docker), as: UTF8.self)))
    case "not": return .json(.bool(!TemplateValue.json(values[0]).isTrue))
    case "len": return .json(.integer(Int64(try length(values[0]))))
    case "index": return .json(try TemplateIndexing.index(values))
    case "slice": return .json(try TemplateIndexing.slice(values))
    case "eq", "ne", "lt", "le", "gt", "ge": return .json(.bool(try compare(name, values)))
    case "call": throw TemplateError("non-function of type \(values[0].goType)")
    case "print": return .json(.string(print(values)))
    case "println": return .json(.string(values.map(TemplateValue.text).joined(separator: " ") + "\n"))
    case "printf": return .json(.string(GoPrintf.format(values[0].string ?? "", Array(values.dropFirst()))))
    case "html": return .json(.string(TemplateEscapes.html(print(values))))
    case "js": return .json(.string(TemplateEscapes.js(print(values))))
    case "urlquery": return .json(.string(TemplateEscapes.urlQuery(print(values))))
    default: return .json(onText(name, values))
    }
  }

  private static func length(_ value: JSONValue) throws(TemplateError) -> Int {
    switch value {
    case .string(let text): return text.utf8.count
    case .array(let elements): return elements.count
    case .object(let object): return object.count
    case .null: return 0
    default: throw TemplateError("len of type \(value.goType)")
    }
  }

  private static func compare(_ name: String, _ values: [JSONValue]) throws(TemplateError) -> Bool {
    guard values.count >= 2 else { throw TemplateError("missing argument for comparison") }
    let (left, right) = (values[0], values[1])
    switch name {
    case "eq":
      for other in values.dropFirst() where try equal(left, other) { return true }
      return false
    case "ne": return try !equal(left, right)
    default: break
    }
    let less: Bool
    if let a = left.number, let b = right.number {
      less = a < b
    } else if let a = left.string, let b = right.string {
      less = a < b
    } else {
      throw TemplateError("incompatible types for comparison")
    }
    return switch name {
    case "lt": less
    case "le": less ? true : try equal(left, right)
    case "gt": less ? false : try !equal(left, right)
    default: !less
    }
  }

  private static func equal(_ left: JSONValue, _ right: JSONValue) throws(TemplateError) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)): return a == b
    case (.bool(let a), .bool(let b)): return a == b
    case (.null, _), (_, .null): return left == right
    case (.array, _), (.object, _), (_, .array), (_, .object):
      throw TemplateError("non-comparable type \(left.goType)")
    default:
      guard let a = left.number, let b = right.number else {
        throw TemplateError("incompatible types for comparison")
      }
      return a == b
    }
  }

  /// Go puts spaces between two values when neither is a string.
  private static func print(_ values: [JSONValue]) -> String {
    var text = ""
    for (place, value) in values.enumerated() {
      if place > 0, values[place - 1].string == nil, value.string == nil { text += " " }
      text += TemplateValue.text(value)
    }
    return text
  }

  private static func onText(_ name: String, _ values: [JSONValue]) -> JSONValue {
    let text = values[0].string ?? ""
    func number(_ place: Int) -> Int { Int(clamping: max(0, min(values[place].integer ?? 0, 1_000_000))) }
    switch name {
    case "lower": return .string(text.lowercased())
    case "upper": return .string(text.uppercased())
    case "title": return .string(titled(text))
    case "join":
      return .string(
        (values[0].array ?? []).map(TemplateValue.text).joined(separator: values[1].string ?? ""))
    case "split": return .array(split(text, values[1].string ?? "").map { .string($0) })
    case "truncate": return .string(String(text.prefix(number(1))))
    default:
      guard !text.isEmpty else { return .string("") }
      return .string(
        String(repeating: " ", count: min(number(1), 1000)) + text
          + String(repeating: " ", count: min(number(2), 1000)))
    }
  }

  private static func titled(_ text: String) -> String {
    var result = ""
    var begins = true
    for letter in text {
      result += begins ? letter.uppercased() : String(letter)
      begins = letter.isWhitespace
    }
    return result
  }

  private static func split(_ text: String, _ separator: String) -> [String] {
    guard !separator.isEmpty else { return text.map(String.init) }
    var parts: [String] = []
    var rest = Array(text)[...]
    var part = ""
    let sign = Array(separator)
    while let letter = rest.first {
      if rest.starts(with: sign) {
        parts.append(part)
        part = ""
        rest = rest.dropFirst(sign.count)
      } else {
        part.append(letter)
        rest = rest.dropFirst()
      }
    }
    return parts + [part]
  }
}
