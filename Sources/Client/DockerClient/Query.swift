import DockerAPI
import HTTP

/// The query of a request, in the order it was built.
struct Query {
  private(set) var text = ""

  /// Adds a value unless it is nil or empty.
  mutating func set(_ name: String, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    text += (text.isEmpty ? "?" : "&") + name + "=" + percentEncoded(value)
  }

  /// Adds `name=1` when on.
  mutating func set(_ name: String, _ on: Bool) { set(name, on ? "1" : nil) }

  mutating func set(_ name: String, _ number: Int?) { set(name, number.map(String.init)) }

  mutating func set(_ filters: Filters) { set("filters", filters.json) }

  /// A name inside a path; the slashes of an image's name stay.
  static func name(_ text: String) -> String { percentEncoded(text) { "/:@+".utf8.contains($0) } }
}
