import JSON

/// The directives of a JSON file, as words: every value as a flag would give it.
struct ConfigurationFile: Equatable {
  var values: [String: [String]] = [:]

  /// Throws what is wrong, without the file's name.
  init(_ bytes: [UInt8]) throws(SettingsError) {
    guard bytes.contains(where: { !" \t\r\n".utf8.contains($0) }) else { return }
    let value: JSONValue
    do throws(JSONError) { value = try JSON.parse(bytes) } catch { throw .wrong("\(error)") }
    guard case .object(let object) = value else { throw .wrong("the file is no JSON object") }
    var unknown: [String] = []
    for (key, value) in object {
      guard let directive = Directive.all.first(where: { $0.key == key }) else {
        unknown.append(key)
        continue
      }
      values[directive.flag] = try Self.words(value, directive)
    }
    guard unknown.isEmpty else {
      throw .wrong(
        "the following directives don't match any configuration option: \(unknown.joined(separator: ", "))")
    }
  }

  init() {}

  private static func words(_ value: JSONValue, _ directive: Directive) throws(SettingsError) -> [String] {
    switch (directive.kind, value) {
    case (.text, .string(let text)): return [text]
    case (.toggle, .bool(let on)): return [on ? "true" : "false"]
    case (.number, .integer(let number)): return [String(number)]
    case (.list, .array(let items)):
      return try items.map { (item) throws(SettingsError) in
        guard case .string(let text) = item else { throw .wrong("\(directive.key) is no list of strings") }
        return text
      }
    case (.objects, .array(let items)):
      return try items.map { (item) throws(SettingsError) in
        guard case .object(let object) = item else { throw .wrong("\(directive.key) is no list of objects") }
        return try object.map { (key, value) throws(SettingsError) in
          "\(key)=\(try Self.word(value, "\(directive.key): \(key)"))"
        }.joined(separator: ",")
      }
    default: throw .wrong("the value of \(directive.key) has the wrong type")
    }
  }

  /// A comma would begin the next field.
  private static func word(_ value: JSONValue, _ name: String) throws(SettingsError) -> String {
    switch value {
    case .string(let text) where !text.contains(","): return text
    case .integer(let number): return String(number)
    default: throw .wrong("\(name) is neither text without commas nor a number")
    }
  }
}
