import Systemd

/// Properties of a container's unit that its author asks for: annotations `org.systemd.property.NAME` whose values are
/// written as busctl(1) and other runtimes read them: `true`, `5`, `uint64 5`, `'text'`, `['one', 'two']`.
enum ScopeAnnotations {
  private static let prefix = "org.systemd.property."

  static func read(_ annotations: [String: String]) throws(RuntimeError) -> [(name: String, value: BusValue)]
  {
    var found: [(name: String, value: BusValue)] = []
    for (key, text) in annotations.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      guard !name.isEmpty, name.allSatisfy({ $0.isASCII && $0.isLetter }), let value = value(text) else {
        throw RuntimeError(.invalid, "the annotation \(key) is no property of a unit: \(text)")
      }
      found.append(inMicroseconds(name, value) ?? (name, value))
    }
    return found
  }

  /// On the bus times are called `…USec`, and counted so.
  private static func inMicroseconds(_ name: String, _ value: BusValue) -> (name: String, value: BusValue)? {
    guard name.hasSuffix("Sec"), !name.hasSuffix("USec") else { return nil }
    let seconds: UInt64? =
      switch value {
      case .int32(let number): UInt64(exactly: number)
      case .uint32(let number): UInt64(number)
      case .int64(let number): UInt64(exactly: number)
      case .uint64(let number): number
      default: nil
      }
    guard let seconds, seconds < .max / 1_000_000 else { return nil }
    return ("\(name.dropLast(3))USec", .uint64(seconds * 1_000_000))
  }

  static func value(_ text: String) -> BusValue? {
    let text = text.drop { $0 == " " }
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default: break
    }
    if let quoted = quoted(text) { return .string(quoted) }
    if text.hasPrefix("["), text.hasSuffix("]") {
      let items = text.dropFirst().dropLast().split(separator: ",")
        .map { item in quoted(Substring(item.drop { $0 == " " })) }
      return items.contains(nil) ? nil : .strings(items.compactMap { $0 })
    }
    let words = text.split(separator: " ")
    guard words.count == 2 else { return words.count == 1 ? Int32(words[0]).map { .int32($0) } : nil }
    switch words[0] {
    case "byte": return UInt8(words[1]).map { .byte($0) }
    case "int32": return Int32(words[1]).map { .int32($0) }
    case "uint32": return UInt32(words[1]).map { .uint32($0) }
    case "int64": return Int64(words[1]).map { .int64($0) }
    case "uint64": return UInt64(words[1]).map { .uint64($0) }
    default: return nil
    }
  }

  private static func quoted(_ text: Substring) -> String? {
    guard text.count >= 2, let mark = text.first, mark == "'" || mark == "\"", text.last == mark else {
      return nil
    }
    let inner = text.dropFirst().dropLast()
    return inner.contains(mark) ? nil : String(inner)
  }
}
