import JSON
import TextFormats

/// The `filters` query parameter: every key with its values; several values are alternatives.
public struct Filters: Sendable, Equatable {
  public var values: [String: [String]]

  public init(_ values: [String: [String]] = [:]) { self.values = values }

  /// Reads `{"key":["a"]}` and the map of `{"key":{"a":true}}`; an empty text and `null` are no filter.
  /// Everything else is `invalid filter`, as docker says.
  public init(json: String) throws(InvalidFilter) {
    values = [:]
    guard !json.isEmpty else { return }
    let value: JSONValue
    do throws(JSONError) { value = try JSON.parse(Array(json.utf8)) } catch { throw InvalidFilter() }
    if case .null = value { return }
    guard case .object(let object) = value else { throw InvalidFilter() }
    for (key, value) in object { values[key] = try Self.words(value) }
  }

  private static func words(_ value: JSONValue) throws(InvalidFilter) -> [String] {
    var words: [String] = []
    switch value {
    case .null: break
    case .array(let items):
      for item in items {
        guard case .string(let text) = item else { throw InvalidFilter() }
        if !words.contains(text) { words.append(text) }
      }
    case .object(let set):
      for (text, value) in set {
        guard case .bool(let isMeant) = value else { throw InvalidFilter() }
        if isMeant { words.append(text) }
      }
    default: throw InvalidFilter()
    }
    return words
  }

  /// The JSON text for the query; nil without filters.
  public var json: String? {
    values.isEmpty ? nil : String(decoding: JSON.encode(values), as: UTF8.self)
  }

  public subscript(key: String) -> [String] { values[key] ?? [] }

  /// Whether the key is absent or one of its values satisfies `matches`.
  public func accept(_ key: String, _ matches: (String) -> Bool) -> Bool {
    guard let wanted = values[key], !wanted.isEmpty else { return true }
    return wanted.contains(where: matches)
  }

  /// The same, where every value may be a regular expression; one that is none matches only itself.
  public func acceptPatterns(_ key: String, _ texts: String...) -> Bool {
    accept(key) { wanted in
      if texts.contains(wanted) { return true }
      // A pattern that cannot be read matches nothing.
      guard let pattern = try? GoRegexp(wanted) else { return false }
      return texts.contains(where: pattern.matches)
    }
  }

  /// `label` and `label!` filters: every one of them must hold.
  public func acceptLabels(_ labels: [String: String]) -> Bool {
    func holds(_ filter: String) -> Bool {
      guard let equals = filter.firstIndex(of: "=") else { return labels[filter] != nil }
      return labels[String(filter[..<equals])] == String(filter[filter.index(after: equals)...])
    }
    return self["label"].allSatisfy(holds) && !self["label!"].contains(where: holds)
  }

  /// Throws for the first key that is not among the known ones.
  public func check(_ known: Set<String>) throws(InvalidFilter) {
    if let key = values.keys.sorted().first(where: { !known.contains($0) }) { throw InvalidFilter(key) }
  }

  /// A truth: `0`, `false`, `1` or `true`; nil where the key is absent. Both at once, and anything else, are refused.
  public func truth(_ key: String) throws(InvalidFilter) -> Bool? {
    guard let given = values[key] else { return nil }
    guard !given.isEmpty else { throw InvalidFilter(key) }
    let no = given.contains("0") || given.contains("false")
    let yes = given.contains("1") || given.contains("true")
    guard no != yes else { throw InvalidFilter(key, given) }
    return yes
  }
}

/// Docker's words for a filter that it does not know or whose value it cannot take.
public struct InvalidFilter: Error, Equatable, CustomStringConvertible {
  public let key: String
  public let values: [String]?

  public init(_ key: String = "", _ values: [String]? = nil) {
    self.key = key
    self.values = values
  }

  public var description: String {
    if key.isEmpty { return "invalid filter" }
    return "invalid filter '\(key)\(values.map { "=[\($0.joined(separator: " "))]" } ?? "")'"
  }
}
