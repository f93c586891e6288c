import JSON

/// Templates' `index` and `slice`.
enum TemplateIndexing {
  static func index(_ values: [JSONValue]) throws(TemplateError) -> JSONValue {
    var value = values[0]
    for key in values.dropFirst() {
      switch (value, key) {
      case (.array(let elements), .integer(let place)):
        guard let place = Int(exactly: place), elements.indices.contains(place) else {
          throw TemplateError("index out of range: \(place)")
        }
        value = elements[place]
      case (.string(let text), .integer(let place)):
        let bytes = Array(text.utf8)
        guard let place = Int(exactly: place), bytes.indices.contains(place) else {
          throw TemplateError("index out of range: \(place)")
        }
        value = .integer(Int64(bytes[place]))
      case (.array, _), (.string, _):
        throw TemplateError("cannot index slice/array with type \(key.goType)")
      case (.object(let object), .string(let name)):
        // In a map of texts it is the empty text.
        value = object[name] ?? (object.values.allSatisfy { $0.string != nil } ? "" : .null)
      case (.object, _):
        throw TemplateError("value has type \(key.goType); should be string")
      case (.null, _): throw TemplateError("index of untyped nil")
      default: throw TemplateError("can't index item of type \(value.goType)")
      }
    }
    return value
  }

  static func slice(_ values: [JSONValue]) throws(TemplateError) -> JSONValue {
    guard values.count <= 4 else { throw TemplateError("too many slice indexes: \(values.count - 1)") }
    var bounds: [Int64] = []
    for value in values.dropFirst() {
      guard let bound = value.integer else {
        throw TemplateError("cannot index slice/array with type \(value.goType)")
      }
      bounds.append(bound)
    }
    switch values[0] {
    case .string(let text):
      guard bounds.count < 3 else { throw TemplateError("cannot 3-index slice a string") }
      let bytes = Array(text.utf8)
      return .string(String(decoding: bytes[try range(bounds, bytes.count)], as: UTF8.self))
    case .array(let elements): return .array(Array(elements[try range(bounds, elements.count)]))
    case .null: throw TemplateError("slice of untyped nil")
    case let value: throw TemplateError("can't slice item of type \(value.goType)")
    }
  }

  private static func range(_ bounds: [Int64], _ count: Int) throws(TemplateError) -> Range<Int> {
    for bound in bounds where bound < 0 || bound > Int64(count) {
      throw TemplateError("index out of range: \(bound)")
    }
    let low = Int(bounds.first ?? 0)
    let high = bounds.count > 1 ? Int(bounds[1]) : count
    guard low <= high else { throw TemplateError("invalid slice index: \(low) > \(high)") }
    return low..<high
  }
}
