import DockerAPI

/// The query of a request, in the order it was built.
struct Query {
  private(set) var text = ""

  /// Adds a value unless it is nil or empty.
  mutating func set(_ name: String, _ value: String?) {
    guard let value, !value.isEmpty else { return }
    text += (text.isEmpty ? "?" : "&") + name + "=" + Self.encode(value)
  }

  /// Adds `name=1` when on.
  mutating func set(_ name: String, _ on: Bool) { set(name, on ? "1" : nil) }

  mutating func set(_ name: String, _ number: Int?) { set(name, number.map(String.init)) }

  mutating func set(_ filters: Filters) { set("filters", filters.json) }

  /// Percent-encodes everything but unreserved characters (RFC 3986) and what `keeping` names.
  static func encode(_ text: String, keeping: String = "") -> String {
    var result = ""
    for byte in text.utf8 {
      let scalar = Unicode.Scalar(byte)
      let plain =
        scalar.isASCII
        && (scalar.properties.isAlphabetic || (48...57).contains(byte)
          || "-._~".unicodeScalars.contains(scalar))
      if plain || keeping.unicodeScalars.contains(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  /// A name inside a path; the slashes of an image's name stay.
  static func name(_ text: String) -> String { encode(text, keeping: "/:@+") }
}
