/// A path with holes: `/containers/{id}/json`; `{name*}` takes slashes too, as image names have them.
struct RoutePattern: Sendable {
  private enum Part: Sendable {
    case word(String)
    case one(String)
    case many(String)
  }

  let text: String
  /// The word that all its paths begin with; every pattern has one.
  let firstWord: String
  private let parts: [Part]

  init(_ text: String) {
    self.text = text
    firstWord = text.split(separator: "/").first.map(String.init) ?? ""
    parts = text.split(separator: "/").map { part in
      guard part.hasPrefix("{") else { return .word(String(part)) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("*") ? .many(String(name.dropLast())) : .one(String(name))
    }
  }

  /// What stands in the holes; nil when the path is another one.
  func match(_ segments: ArraySlice<Substring>) -> [String: String]? {
    match(parts[...], segments)
  }

  private func match(_ parts: ArraySlice<Part>, _ segments: ArraySlice<Substring>) -> [String: String]? {
    guard let part = parts.first else { return segments.isEmpty ? [:] : nil }
    let rest = parts.dropFirst()
    switch part {
    case .word(let word):
      return segments.first.map { $0 == word } == true ? match(rest, segments.dropFirst()) : nil
    case .one(let name):
      // Names that inspect tells have a slash in front: `/containers//web/json`.
      let segments = segments.first?.isEmpty == true ? segments.dropFirst() : segments
      guard let segment = segments.first, !segment.isEmpty else { return nil }
      return match(rest, segments.dropFirst()).map { $0.merging([name: String(segment)]) { old, _ in old } }
    case .many(let name):
      // A pattern has one such hole, so its length follows from what stands behind it.
      let count = segments.count - rest.count
      guard count > 0 else { return nil }
      let value = segments.prefix(count).joined(separator: "/")
      guard !value.isEmpty else { return nil }
      return match(rest, segments.dropFirst(count)).map { $0.merging([name: value]) { old, _ in old } }
    }
  }
}
