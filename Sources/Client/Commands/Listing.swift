import JSON
import TerminalUI
import TextFormats

/// Rows shown by a `--format`: as a table, as JSON, or by a template.
struct Listing {
  /// A column: its name in templates, its heading.
  typealias Column = (name: String, heading: String)

  /// Every column there is.
  let columns: [Column]
  /// The names of those in the table when no format is given.
  let standard: [String]

  /// What to print; `format` empty means the table.
  func text(_ format: String, _ rows: [TemplateRecord]) throws -> String {
    if format == "json" { return try template("{{json .}}", rows) }
    if format.isEmpty || format == "table" {
      return try table(standard.map { "{{.\($0)}}" }.joined(separator: "\t"), rows)
    }
    let unescaped = Self.unescape(format)
    guard unescaped.hasPrefix("table") else { return try template(unescaped, rows) }
    return try table(String(unescaped.dropFirst(5).drop { $0 == " " || $0 == "\t" }), rows)
  }

  private func template(_ format: String, _ rows: [TemplateRecord]) throws -> String {
    let template = try Self.parse(format)
    do {
      return try rows.map { try template.render(.record($0)) + "\n" }.joined()
    } catch {
      throw CommandFailure("failed to execute template: \(error)")
    }
  }

  private func table(_ format: String, _ rows: [TemplateRecord]) throws -> String {
    let template = try Self.parse(format)
    let methods = [
      "Label": { @Sendable (words: [String]) in words.first?.split(separator: ".").last.map(String.init) ?? ""
      }
    ]
    let headings = TemplateRecord(columns.map { ($0.name, .string($0.heading)) }, methods: methods)
    return Table.layOut(try ([headings] + rows).map { try template.render(.record($0)) })
  }

  static func parse(_ format: String) throws -> GoTemplate {
    do {
      return try GoTemplate(format)
    } catch {
      throw CommandFailure("template parsing error: \(error)", status: 64)
    }
  }

  /// Shells leave `\t` and `\n` as two letters.
  static func unescape(_ format: String) -> String {
    var result = ""
    var rest = format[...]
    while let letter = rest.popFirst() {
      guard letter == "\\", let next = rest.first, next == "t" || next == "n" else {
        result.append(letter)
        continue
      }
      rest.removeFirst()
      result += next == "t" ? "\t" : "\n"
    }
    return result
  }
}

/// Labels as `a=b,c=d`.
func joined(_ labels: [String: String]) -> String {
  labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
}

/// The method `.Label "name"` of rows that have labels.
func labelMethod(_ labels: [String: String]) -> [String: TemplateRecord.Method] {
  ["Label": { words in words.first.flatMap { labels[$0] } ?? "" }]
}

/// An identifier's first twelve digits, without `sha256:`.
func shortened(_ id: String) -> String {
  let digits = id.hasPrefix("sha256:") ? id.dropFirst(7) : id[...]
  return String(digits.prefix(12))
}
