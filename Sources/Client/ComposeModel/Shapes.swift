/// The parts of a project and their fields.
struct Shapes: Sendable {
  enum Scalar: String, Sendable {
    case string, bool, int, float, bytes, duration, filemode, devicecount
    case list, strings, numbers, command, healthtest
    case mapping, variables, labels, options, multioptions
    case hosts, ulimits, ssh, envfiles
  }

  enum Kind: Sendable {
    case scalar(Scalar)
    /// A part; one that is no `optional` prints as an empty one in JSON.
    case part(String, optional: Bool)
    case list(of: String)
    case mapping(of: String, nullable: Bool)
  }

  struct Field: Sendable {
    let name: String
    let kind: Kind
    /// Zero and empty count as said.
    let keepsZero: Bool
    /// Printed even when zero.
    let always: Bool
    /// JSON prints null where the field is unset.
    let nullInJSON: Bool
  }

  static let compose = Shapes(ComposeShapes.text)

  private var parts: [String: [Field]] = [:]

  subscript(_ part: String) -> [Field] { parts[part] ?? [] }

  init(_ text: String) {
    var part = ""
    for line in text.split(separator: "\n") {
      guard line.hasPrefix(" ") else {
        part = String(line)
        continue
      }
      for entry in line.split(separator: ",") {
        let words = entry.split(separator: " ")
        guard words.count == 2 else { continue }
        parts[part, default: []].append(Shapes.field(String(words[0]), words[1]))
      }
    }
  }

  private static func field(_ name: String, _ notation: Substring) -> Field {
    var kind = notation
    let flag = kind.last.flatMap { "?!^".contains($0) ? $0 : nil }
    if flag != nil { kind = kind.dropLast() }
    return Field(
      name: name, kind: self.kind(kind), keepsZero: flag == "?", always: flag == "!", nullInJSON: flag == "^")
  }

  private static func kind(_ text: Substring) -> Kind {
    switch text.first {
    case "*": return .part(String(text.dropFirst()), optional: true)
    case "=": return .part(String(text.dropFirst()), optional: false)
    case "[": return .list(of: String(text.dropFirst().dropLast()))
    case "{":
      let inner = text.dropFirst().dropLast()
      return inner.hasPrefix("*")
        ? .mapping(of: String(inner.dropFirst()), nullable: true)
        : .mapping(of: String(inner), nullable: false)
    default:
      guard let scalar = Scalar(rawValue: String(text)) else {
        preconditionFailure("compose shapes: no kind \(text)")
      }
      return .scalar(scalar)
    }
  }
}
