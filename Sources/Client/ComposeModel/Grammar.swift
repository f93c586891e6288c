/// One type of a schema.
indirect enum SchemaType: Sendable {
  case any
  /// One of several plain types; an object's own rules apply when it is one.
  case types([String], SchemaObject?)
  case text(allowed: [String], pattern: SchemaPattern?)
  case integer(minimum: Int64?, maximum: Int64?)
  case object(SchemaObject)
  case list(SchemaType, unique: Bool)
  case oneOf([SchemaType])
  case reference(String)
}

/// The rules of an object.
struct SchemaObject: Sendable {
  var properties: [String: SchemaType] = [:]
  var required: [String] = []
  var pattern: (SchemaPattern, SchemaType)?
  var allowsExtensions = false
  var closed = false
}

enum SchemaPattern: String, Sendable {
  case name = "^[a-zA-Z0-9._-]+$"
  case any = ".+"
  case lower = "^[a-z]+$"
  case container = "[a-zA-Z0-9][a-zA-Z0-9_.-]+"
  case pull = "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"

  func matches(_ text: String) -> Bool {
    switch self {
    case .name: !text.isEmpty && text.utf8.allSatisfy(SchemaPattern.isNameByte)
    case .any: !text.isEmpty
    case .lower: !text.isEmpty && text.utf8.allSatisfy { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
    case .container: SchemaPattern.holdsContainerName(Array(text.utf8))
    case .pull: SchemaPattern.holdsPullPolicy(text)
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "-")
  }

  private static func holdsContainerName(_ text: [UInt8]) -> Bool {
    zip(text, text.dropFirst()).contains { isAlphanumeric($0) && isNameByte($1) }
  }

  private static func holdsPullPolicy(_ text: String) -> Bool {
    let words = ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"]
    if words.contains(where: { text.contains($0) }) { return true }
    guard let every = text.firstRange(of: "every_") else { return false }
    let digits = text[every.upperBound...].prefix { $0 >= "0" && $0 <= "9" }
    let unit = text[every.upperBound...].dropFirst(digits.count).first
    return !digits.isEmpty && unit.map { "wdhms".contains($0) } == true
  }
}

/// Reads the notation of `ComposeSchema`. Faults in it are our own, so it traps on them.
struct Grammar {
  private var rest: Substring
  private(set) var definitions: [String: SchemaType] = [:]

  static let compose = Grammar(ComposeSchema.text).definitions

  init(_ text: String) {
    rest = Substring(text)
    while let name = word() {
      expect("=")
      definitions[name] = type()
    }
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\n" } }

  private mutating func take(_ text: String) -> Bool {
    skipBlanks()
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  private mutating func expect(_ text: String) {
    guard take(text) else { preconditionFailure("compose schema: \(text) expected at \(rest.prefix(30))") }
  }

  private mutating func word() -> String? {
    skipBlanks()
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == "+" }
    rest = rest.dropFirst(word.count)
    return word.isEmpty ? nil : String(word)
  }

  private mutating func type() -> SchemaType {
    var choices = [plain()]
    while take("|") { choices.append(plain()) }
    return choices.count == 1 ? choices[0] : .oneOf(choices)
  }

  private mutating func plain() -> SchemaType {
    let first = single()
    guard take("/") else { return first }
    var names: [String] = []
    var object: SchemaObject?
    func add(_ type: SchemaType) {
      switch type {
      case .types(let more, _): names += more
      case .text: names.append("string")
      case .integer: names.append("integer")
      case .object(let rules):
        names.append("object")
        object = rules
      default: preconditionFailure("compose schema: no plain type in a union")
      }
    }
    add(first)
    repeat { add(single()) } while take("/")
    return .types(names, object)
  }

  private mutating func single() -> SchemaType {
    if take("@") { return .reference(word() ?? "") }
    if take("set[") { return list(unique: true) }
    if take("[") { return list(unique: false) }
    if take("{") { return .object(members(SchemaObject(allowsExtensions: true, closed: true))) }
    if take("strict{") { return .object(members(SchemaObject(closed: true))) }
    if take("open{") { return .object(members(SchemaObject())) }
    if take("map<") { return map(closed: true) }
    if take("openmap<") { return map(closed: false) }
    switch word() {
    case "any": return .any
    case "string": return text()
    case "integer": return integer()
    case let name?: return .types([name], nil)
    case nil: preconditionFailure("compose schema: type expected at \(rest.prefix(30))")
    }
  }

  private mutating func list(unique: Bool) -> SchemaType {
    let element = type()
    expect("]")
    return .list(element, unique: unique)
  }

  private mutating func map(closed: Bool) -> SchemaType {
    let pattern = pattern()
    expect(">(")
    let value = type()
    expect(")")
    return .object(SchemaObject(pattern: (pattern, value), closed: closed))
  }

  private mutating func pattern() -> SchemaPattern {
    switch word() {
    case "name": .name
    case "any": .any
    case "lower": .lower
    case "container": .container
    case "pull": .pull
    default: preconditionFailure("compose schema: pattern expected at \(rest.prefix(30))")
    }
  }

  private mutating func members(_ empty: SchemaObject) -> SchemaObject {
    var object = empty
    while !take("}") {
      guard let key = word() else {
        preconditionFailure("compose schema: key expected at \(rest.prefix(30))")
      }
      if take("!") { object.required.append(key) }
      expect(":")
      object.properties[key] = type()
      _ = take(",")
    }
    return object
  }

  private mutating func text() -> SchemaType {
    if take("~") { return .text(allowed: [], pattern: pattern()) }
    guard take("(") else { return .text(allowed: [], pattern: nil) }
    var allowed: [String] = []
    while !take(")"), let word = word() { allowed.append(word) }
    return .text(allowed: allowed, pattern: nil)
  }

  private mutating func integer() -> SchemaType {
    guard take("(") else { return .integer(minimum: nil, maximum: nil) }
    let minimum = word().flatMap { Int64($0) }
    expect("..")
    let maximum = word().flatMap { Int64($0) }
    expect(")")
    return .integer(minimum: minimum, maximum: maximum)
  }
}
