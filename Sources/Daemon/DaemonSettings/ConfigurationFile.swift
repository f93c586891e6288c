import JSON

/// The directives of a JSON file, as words: every value as a flag would give it.
struct ConfigurationFile: Equatable {
  var values: [String: [String]] = [:]

  init() {}

  /// Throws what is wrong and where, without the file's name.
  init(_ bytes: [UInt8]) throws(SettingsError) {
    guard bytes.contains(where: { !" \t\r\n".utf8.contains($0) }) else { return }
    do throws(JSONError) { self = try Self(reading: JSONReader(bytes)) } catch { throw .wrong("\(error)") }
  }

  private init(reading file: JSONReader) throws(JSONError) {
    var known: Set<String> = []
    var unknown: [String] = []
    for (key, value) in try file.members() {
      guard known.insert(key).inserted else { throw value.error("the key stands in the file twice") }
      if let directive = Directive.all.first(where: { $0.key == key }) {
        values[directive.flag] = try Self.words(value, directive)
      } else if let rule = DockerKeys.rules[key] {
        guard rule.accepts(value) else { throw value.error(rule.why) }
      } else {
        unknown.append(key)
      }
    }
    guard unknown.isEmpty else {
      throw file.error(
        "the following directives don't match any configuration option: \(unknown.joined(separator: ", "))")
    }
  }

  private static func words(_ value: JSONReader, _ directive: Directive) throws(JSONError) -> [String] {
    switch directive.kind {
    case .text: return [try value.string()]
    case .toggle: return [try value.bool() ? "true" : "false"]
    case .number:
      guard let number = wholeNumber(value) else { throw value.mismatch("a whole number") }
      return [number]
    case .list: return try value.elements().map { (item) throws(JSONError) in try item.string() }
    case .pairs:
      return try value.members().map { (key, value) throws(JSONError) in "\(key)=\(try value.string())" }
    case .limits:
      return try value.members().map { (key, value) throws(JSONError) in try limit(value, named: key) }
    case .objects:
      return try value.elements().map { (item) throws(JSONError) in
        try item.members().map { (key, value) throws(JSONError) in "\(key)=\(try word(value))" }
          .joined(separator: ",")
      }
    }
  }

  private static func wholeNumber(_ value: JSONReader) -> String? {
    value.wholeNumber().map { "\($0.isNegative ? "-" : "")\($0.amount)" }
  }

  /// dockerd's `"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 2048}` as its flag has it.
  private static func limit(_ value: JSONReader, named name: String) throws(JSONError) -> String {
    var numbers: [String: String] = [:]
    for (key, value) in try value.members() {
      switch key.lowercased() {
      case "name":
        guard try value.string() == name else { throw value.error("it must be \(name), as its key") }
      case "soft", "hard":
        guard let number = wholeNumber(value) else { throw value.mismatch("a whole number") }
        numbers[key.lowercased()] = number
      default: throw value.error("it must have Name, Soft and Hard")
      }
    }
    guard let soft = numbers["soft"], let hard = numbers["hard"] else {
      throw value.error("it must have Soft and Hard")
    }
    return "\(name)=\(soft):\(hard)"
  }

  /// A comma would begin the next field.
  private static func word(_ value: JSONReader) throws(JSONError) -> String {
    if let number = wholeNumber(value) { return number }
    let text = try value.string()
    guard !text.contains(",") else { throw value.error("it must have no comma") }
    return text
  }
}
