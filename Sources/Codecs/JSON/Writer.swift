/// Values to JSON text.
struct Writer {
  private(set) var bytes: [UInt8] = []
  private let escapesHTML: Bool
  private let pretty: Bool
  private var depth = 0

  init(escapesHTML: Bool, pretty: Bool) {
    self.escapesHTML = escapesHTML
    self.pretty = pretty
  }

  mutating func write(_ value: Encoded) {
    switch value {
    case .null: put("null")
    case .bool(let flag): put(flag ? "true" : "false")
    case .integer(let integer): put("\(integer)")
    case .unsigned(let integer): put("\(integer)")
    case .number(let number): put(number.isFinite ? NumberText.go(number.description) : "null")
    case .float(let number): put(number.isFinite ? NumberText.go(number.description) : "null")
    case .string(let text): string(text)
    case .value(let value): write(value)
    case .deferred(let slot): write(slot.value ?? .object(ObjectBox(sorted: false)))
    case .array(let box):
      list("[", "]", box.elements) { writer, element in writer.write(element) }
    case .object(let box):
      let members =
        box.sorted
        ? box.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : box.members
      list("{", "}", members) { writer, member in
        writer.key(member.key)
        writer.write(member.value)
      }
    }
  }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: write(Encoded.null)
    case .bool(let flag): write(Encoded.bool(flag))
    case .integer(let integer): write(Encoded.integer(integer))
    case .number(let number): write(Encoded.number(number))
    case .string(let text): string(text)
    case .array(let elements): list("[", "]", elements) { writer, element in writer.write(element) }
    case .object(let object):
      list("{", "}", object.members) { writer, member in
        writer.key(member.key)
        writer.write(member.value)
      }
    }
  }

  private mutating func list<T>(
    _ begin: StaticString, _ end: StaticString, _ items: [T], _ write: (inout Writer, T) -> Void
  ) {
    put(begin)
    depth += 1
    for (index, item) in items.enumerated() {
      if index > 0 { put(",") }
      breakLine()
      write(&self, item)
    }
    depth -= 1
    if !items.isEmpty { breakLine() }
    put(end)
  }

  private mutating func key(_ key: String) {
    string(key)
    put(pretty ? ": " : ":")
  }

  private mutating func breakLine() {
    guard pretty else { return }
    bytes.append(10)
    bytes.append(contentsOf: repeatElement(32, count: depth * 4))
  }

  private mutating func put(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func string(_ text: String) {
    var text = text
    bytes.append(34)
    text.withUTF8 { utf8 in
      var plain = 0
      for place in 0..<utf8.count {
        guard let escape = escape(utf8, place) else { continue }
        bytes.append(contentsOf: utf8[plain..<place])
        bytes.append(contentsOf: escape.utf8)
        plain = place + (utf8[place] == 0xE2 ? 3 : 1)
      }
      bytes.append(contentsOf: utf8[plain...])
    }
    bytes.append(34)
  }

  /// The escape of the character that begins at a byte; nil when it stands for itself.
  private func escape(_ utf8: UnsafeBufferPointer<UInt8>, _ place: Int) -> String? {
    let byte = utf8[place]
    switch byte {
    case 34: return "\\\""
    case 92: return "\\\\"
    case 10: return "\\n"
    case 13: return "\\r"
    case 9: return "\\t"
    case 8: return "\\b"
    case 12: return "\\f"
    case 60 where escapesHTML: return "\\u003c"
    case 62 where escapesHTML: return "\\u003e"
    case 38 where escapesHTML: return "\\u0026"
    case 0..<32:
      let digits = String(byte, radix: 16)
      return "\\u00" + (digits.count == 1 ? "0" : "") + digits
    case 0xE2 where escapesHTML && place + 2 < utf8.count && utf8[place + 1] == 0x80:
      return utf8[place + 2] == 0xA8 ? "\\u2028" : utf8[place + 2] == 0xA9 ? "\\u2029" : nil
    default: return nil
    }
  }
}
