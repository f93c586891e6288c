import JSON

/// The members of a runtime document, as `BundleKey` has them: what is absent or null is empty, false or zero.
extension JSONReader {
  func text(_ key: StaticString) throws(JSONError) -> String { try member(key).string() }
  func textIfPresent(_ key: StaticString) throws(JSONError) -> String? { try present(key)?.string() }
  func flag(_ key: StaticString) throws(JSONError) -> Bool { try present(key)?.bool() ?? false }
  func flagIfPresent(_ key: StaticString) throws(JSONError) -> Bool? { try present(key)?.bool() }

  func texts(_ key: StaticString) throws(JSONError) -> [String] { try textsIfPresent(key) ?? [] }
  func textsIfPresent(_ key: StaticString) throws(JSONError) -> [String]? {
    guard let list = try present(key) else { return nil }
    var texts: [String] = []
    for element in try list.elements() { texts.append(try element.string()) }
    return texts
  }

  func textMap(_ key: StaticString) throws(JSONError) -> [String: String] {
    guard let map = try present(key) else { return [:] }
    var texts: [String: String] = [:]
    for (key, value) in try map.members() { texts[key] = try value.string() }
    return texts
  }

  /// This value as a number of that type.
  func number<T: FixedWidthInteger>() throws(JSONError) -> T {
    if let (isNegative, amount) = wholeNumber() {
      if !isNegative, let value = T(exactly: amount) { return value }
      if isNegative, let value = T(exactly: Int64(truncatingIfNeeded: 0 &- amount)) { return value }
    }
    throw mismatch("a whole number (\(T.self))")
  }
  func number<T: FixedWidthInteger>(_ key: StaticString) throws(JSONError) -> T { try member(key).number() }
  func numberIfPresent<T: FixedWidthInteger>(_ key: StaticString) throws(JSONError) -> T? {
    try present(key)?.number()
  }
  func numbers<T: FixedWidthInteger>(_ key: StaticString) throws(JSONError) -> [T] {
    guard let list = try present(key) else { return [] }
    var numbers: [T] = []
    for element in try list.elements() { numbers.append(try element.number()) }
    return numbers
  }

  func value<T: JSONReadable>(_ key: StaticString) throws(JSONError) -> T? {
    guard let value = try present(key) else { return nil }
    return try T(json: value)
  }
  func list<T: JSONReadable>(_ key: StaticString) throws(JSONError) -> [T] {
    guard let list = try present(key) else { return [] }
    var values: [T] = []
    for element in try list.elements() { values.append(try T(json: element)) }
    return values
  }
  func map<T: JSONReadable>(_ key: StaticString) throws(JSONError) -> [String: T] {
    guard let map = try present(key) else { return [:] }
    var values: [String: T] = [:]
    for (key, value) in try map.members() { values[key] = try T(json: value) }
    return values
  }
}
