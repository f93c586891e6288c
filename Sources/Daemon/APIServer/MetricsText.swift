import TextFormats

/// Numbers in Prometheus' text format, version 0.0.4: every family once, with its samples behind it.
struct MetricsText {
  enum Kind: String { case counter, gauge, histogram }
  typealias Labels = [(name: String, value: String)]

  private struct Family {
    let name: String
    let head: String
    var lines: [String] = []
  }

  private var families: [Family] = []
  private var places: [String: Int] = [:]

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// A sample; the family's kind and meaning are told once, with the first.
  mutating func add(
    _ name: String, _ kind: Kind, _ help: String, _ labels: Labels = [], _ value: Double, suffix: String = ""
  ) {
    let place: Int
    if let known = places[name] {
      place = known
    } else {
      place = families.count
      places[name] = place
      families.append(
        Family(name: name, head: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"))
    }
    families[place].lines.append("\(name)\(suffix)\(Self.text(labels)) \(Self.text(value))\n")
  }

  /// Ends with a new line.
  var text: String { families.map { $0.head + $0.lines.joined() }.joined() }

  private static func text(_ labels: Labels) -> String {
    if labels.isEmpty { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for letter in value.unicodeScalars {
      switch letter {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(letter)
      }
    }
    return text
  }

  /// Whole numbers without a fraction.
  static func text(_ value: Double) -> String {
    if value == .infinity { return "+Inf" }
    if value == value.rounded(), abs(value) < 9e15 { return String(Int64(value)) }
    return "\(value)"
  }
}
