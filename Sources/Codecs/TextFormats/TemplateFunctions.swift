import JSON

/// The functions of Go's text/template, and those that docker adds.
enum TemplateFunctions {
  static let known: Set<String> = [
    "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len", "index", "slice", "print", "printf",
    "println", "html", "js",
    "urlquery", "json", "jsonPretty", "split", "join", "title", "lower", "upper", "pad", "truncate", "add",
    "replace", "contains",
    "hasPrefix", "hasSuffix", "trim",
  ]

  static func call(_ name: String, _ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
    let values = arguments.map(\.json)
    switch name {
    case "json":
      return .json(.string(String(decoding: JSON.encode(try one(name, values), as: .docker), as: UTF8.self)))
    case "jsonPretty":
      return .json(
        .string(
          String(decoding: JSON.encode(try one(name, values), as: .docker, pretty: true), as: UTF8.self)))
    case "not": return .json(.bool(!TemplateValue.json(try one(name, values)).isTrue))
    case "len": return .json(.integer(Int64(try length(try one(name, values)))))
    case "index": return .json(try index(values))
    case "slice": return .json(try slice(values))
    case "eq", "ne", "lt", "le", "gt", "ge": return .json(.bool(try compare(name, values)))
    case "print": return .json(.string(print(values)))
    case "println": return .json(.string(values.map(TemplateValue.text).joined(separator: " ") + "\n"))
    case "printf": return .json(.string(try printf(values)))
    case "add": return .json(.integer(values.compactMap(\.integer).reduce(0, &+)))
    default: return .json(try onText(name, values))
    }
  }

  private static func one(_ name: String, _ values: [JSONValue]) throws(TemplateError) -> JSONValue {
    guard values.count == 1 else { throw wrongCount(name, 1, values.count) }
    return values[0]
  }

  private static func wrongCount(_ name: String, _ want: Int, _ got: Int) -> TemplateError {
    TemplateError("template: wrong number of args for \(name): want \(want) got \(got)")
  }

  private static func length(_ value: JSONValue) throws(TemplateError) -> Int {
    switch value {
    case .string(let text): text.utf8.count
    case .array(let elements): elements.count
    case .object(let object): object.count
    case .null: 0
    default: throw TemplateError("template: error calling len: len of type \(TemplateValue.text(value))")
    }
  }

  private static func index(_ values: [JSONValue]) throws(TemplateError) -> JSONValue {
    guard var value = values.first else { throw wrongCount("index", 1, 0) }
    for key in values.dropFirst() {
      switch (value, key) {
      case (.array(let elements), .integer(let place)):
        guard elements.indices.contains(Int(place)) else {
          throw TemplateError("template: error calling index: reflect: slice index out of range")
        }
        value = elements[Int(place)]
      case (.object(let object), .string(let name)): value = object[name] ?? .string("")
      default: throw TemplateError("template: error calling index: index of untyped nil")
      }
    }
    return value
  }

  private static func slice(_ values: [JSONValue]) throws(TemplateError) -> JSONValue {
    let bounds = values.dropFirst().compactMap(\.integer).map(Int.init)
    func range(_ count: Int) throws(TemplateError) -> Range<Int> {
      let (low, high) = (bounds.first ?? 0, bounds.count > 1 ? bounds[1] : count)
      guard 0 <= low, low <= high, high <= count else {
        throw TemplateError("template: error calling slice: index out of range: \(high)")
      }
      return low..<high
    }
    switch values.first {
    case .string(let text):
      let bytes = Array(text.utf8)
      return .string(String(decoding: bytes[try range(bytes.count)], as: UTF8.self))
    case .array(let elements): return .array(Array(elements[try range(elements.count)]))
    default: throw TemplateError("template: error calling slice: cannot slice")
    }
  }

  private static func compare(_ name: String, _ values: [JSONValue]) throws(TemplateError) -> Bool {
    guard values.count >= 2, values.count == 2 || name == "eq" else {
      throw wrongCount(name, 2, values.count)
    }
    let (left, right) = (values[0], values[1])
    switch name {
    case "eq": return values.dropFirst().contains { equal(left, $0) }
    case "ne": return !equal(left, right)
    default: break
    }
    let less: Bool
    if let a = left.number, let b = right.number {
      less = a < b
    } else if let a = left.string, let b = right.string {
      less = a < b
    } else {
      throw TemplateError("template: error calling \(name): incompatible types for comparison")
    }
    return switch name {
    case "lt": less
    case "le": less || equal(left, right)
    case "gt": !less && !equal(left, right)
    default: !less
    }
  }

  private static func equal(_ left: JSONValue, _ right: JSONValue) -> Bool {
    if let a = left.number, let b = right.number { a == b } else { left == right }
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

  private static func printf(_ values: [JSONValue]) throws(TemplateError) -> String {
    guard case .string(let format) = values.first else { throw wrongCount("printf", 1, values.count) }
    return GoPrintf.format(format, Array(values.dropFirst()))
  }

  private static func onText(_ name: String, _ values: [JSONValue]) throws(TemplateError) -> JSONValue {
    let texts = values.map { TemplateValue.text($0) }
    func need(_ count: Int) throws(TemplateError) {
      guard values.count == count else { throw wrongCount(name, count, values.count) }
    }
    switch name {
    case "lower", "upper", "title", "html", "js", "urlquery", "trim":
      try need(1)
      return .string(changed(texts[0], by: name))
    case "join":
      try need(2)
      return .string((values[0].array ?? []).map(TemplateValue.text).joined(separator: texts[1]))
    case "split":
      try need(2)
      return .array(split(texts[0], texts[1]).map { .string($0) })
    case "pad":
      try need(3)
      guard !texts[0].isEmpty else { return .string("") }
      let sides = values[1...2].map { String(repeating: " ", count: Int(max(0, min($0.integer ?? 0, 1000)))) }
      return .string(sides[0] + texts[0] + sides[1])
    case "truncate":
      try need(2)
      return .string(String(texts[0].prefix(Int(max(0, values[1].integer ?? 0)))))
    case "replace":
      try need(3)
      return .string(split(texts[0], texts[1]).joined(separator: texts[2]))
    case "contains", "hasPrefix", "hasSuffix":
      try need(2)
      let found =
        name == "contains"
        ? split(texts[0], texts[1]).count > 1
        : name == "hasPrefix" ? texts[0].hasPrefix(texts[1]) : texts[0].hasSuffix(texts[1])
      return .bool(found)
    default: throw TemplateError("template: function \"\(name)\" not defined")
    }
  }

  private static func changed(_ text: String, by name: String) -> String {
    switch name {
    case "lower": text.lowercased()
    case "upper": text.uppercased()
    case "title": titled(text)
    case "trim": String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    case "html":
      ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&#34;", "'": "&#39;"].mapped(over: text)
    default: text
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

extension Dictionary where Key == Character, Value == String {
  fileprivate func mapped(over text: String) -> String { text.map { self[$0] ?? String($0) }.joined() }
}
