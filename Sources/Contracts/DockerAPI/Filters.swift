import JSON

/// The `filters` query parameter: every key with its values; several values are alternatives.
public struct Filters: Sendable, Equatable {
  public var values: [String: [String]]

  public init(_ values: [String: [String]] = [:]) { self.values = values }

  /// Reads `{"key":["a"]}` and the old `{"key":{"a":true}}`; an empty text is no filter.
  public init(json: String) throws(JSONError) {
    values = [:]
    guard !json.isEmpty, case .object(let object) = try JSON.parse(Array(json.utf8)) else { return }
    for (key, value) in object {
      switch value {
      case .array(let items):
        values[key] = items.compactMap { if case .string(let text) = $0 { text } else { nil } }
      case .object(let set):
        values[key] = set.compactMap { if case .bool(true) = $0.value { $0.key } else { nil } }
      default: break
      }
    }
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

  /// `label` and `label!` filters: every one of them must hold.
  public func acceptLabels(_ labels: [String: String]) -> Bool {
    func holds(_ filter: String) -> Bool {
      guard let equals = filter.firstIndex(of: "=") else { return labels[filter] != nil }
      return labels[String(filter[..<equals])] == String(filter[filter.index(after: equals)...])
    }
    return self["label"].allSatisfy(holds) && !self["label!"].contains(where: holds)
  }

  /// The first key that is not among the known ones; docker says `invalid filter 'x'`.
  public func unknownKey(among known: Set<String>) -> String? {
    values.keys.sorted().first { !known.contains($0) }
  }
}
