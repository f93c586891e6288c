import JSON

/// A variable that compose files mention, and what they say about it.
public struct TemplateVariable: Sendable, Equatable {
  public let name: String
  public var fallback = ""
  public var alternative = ""
  public var required = false

  /// All variables of a tree whose variables are not filled in, by name.
  public static func all(in tree: JSONValue) -> [String: TemplateVariable] {
    switch tree {
    case .string(let text):
      var result: [String: TemplateVariable] = [:]
      for variable in find(in: Array(text.utf8)[...], depth: 0) { result[variable.name] = variable }
      return result
    case .object(let object):
      return object.members.sorted { $0.key < $1.key }.reduce(into: [:]) { result, member in
        result.merge(all(in: member.value)) { _, later in later }
      }
    case .array(let items): return items.reduce(into: [:]) { $0.merge(all(in: $1)) { _, later in later } }
    default: return [:]
    }
  }

  private static func find(in text: ArraySlice<UInt8>, depth: Int) -> [TemplateVariable] {
    guard depth < 100 else { return [] }
    var result: [TemplateVariable] = []
    var place = text.startIndex
    while place < text.endIndex {
      guard text[place] == UInt8(ascii: "$"), place + 1 < text.endIndex else {
        place += 1
        continue
      }
      if text[place + 1] == UInt8(ascii: "$") {
        place += 2
      } else if text[place + 1] == UInt8(ascii: "{"), let end = closing(text, from: place + 1) {
        result += variables(in: text[(place + 2)..<end], depth: depth)
        place = end + 1
      } else {
        let end = nameEnd(text, from: place + 1)
        if end > place + 1 { result.append(TemplateVariable(name: string(text[(place + 1)..<end]))) }
        place = max(end, place + 1)
      }
    }
    return result
  }

  private static func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func nameEnd(_ text: ArraySlice<UInt8>, from start: Int) -> Int {
    var end = start
    while end < text.endIndex {
      switch text[end] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
        end += 1
      case UInt8(ascii: "0")...UInt8(ascii: "9") where end > start: end += 1
      default: return end
      }
    }
    return end
  }

  private static func closing(_ text: ArraySlice<UInt8>, from start: Int) -> Int? {
    var open = 0
    for place in start..<text.endIndex {
      if text[place] == UInt8(ascii: "{") { open += 1 }
      if text[place] == UInt8(ascii: "}") {
        open -= 1
        if open == 0 { return place }
      }
    }
    return nil
  }

  private static func variables(in inner: ArraySlice<UInt8>, depth: Int) -> [TemplateVariable] {
    let end = nameEnd(inner, from: inner.startIndex)
    guard end > inner.startIndex else { return [] }
    var variable = TemplateVariable(name: string(inner[..<end]))
    var rest = inner[end...]
    if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst() }
    let argument = rest.dropFirst()
    switch rest.first {
    case UInt8(ascii: "?"): variable.required = true
    case UInt8(ascii: "-"): variable.fallback = string(argument)
    case UInt8(ascii: "+"): variable.alternative = string(argument)
    default: return [variable]
    }
    return [variable] + (variable.required ? [] : find(in: argument, depth: depth + 1))
  }

  /// As `config --variables` prints it in YAML (keys in lower case) or JSON.
  public func tree(lowerCase: Bool) -> JSONValue {
    let keys = ["Name", "DefaultValue", "PresenceValue", "Required"]
    let values: [JSONValue] = [.string(name), .string(fallback), .string(alternative), .bool(required)]
    return .object(JSONObject(zip(keys, values).map { (lowerCase ? $0.lowercased() : $0, $1) }))
  }
}
