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
  /// What `--format raw` tells of a row: the columns behind their own words; empty where there is no such format.
  var raw: [(word: String, column: String)] = []
  /// The column that is told alone by `--quiet`, and its word in the raw format.
  var quiet = (word: "", column: "ID")

  /// What to print; `format` empty means the table. A format of the user's own wins over `isQuiet`.
  func text(_ format: String, isQuiet: Bool = false, _ rows: [TemplateRecord]) throws -> String {
    switch format {
    case "json": return try template("{{json .}}", rows)
    case "", "table":
      if isQuiet { return rows.map { "\($0[quiet.column] as String)\n" }.joined() }
      return try table(standard.map { "{{.\($0)}}" }.joined(separator: "\t"), rows)
    case "raw" where !raw.isEmpty: return rows.map { rawText(isQuiet ? [quiet] : raw, $0) }.joined()
    default:
      let unescaped = Self.unescape(format)
      guard unescaped.hasPrefix("table") else { return try template(unescaped, rows) }
      return try table(String(unescaped.dropFirst(5).drop { $0 == " " || $0 == "\t" }), rows)
    }
  }

  private func rawText(_ lines: [(word: String, column: String)], _ row: TemplateRecord) -> String {
    let text = lines.map { line in
      let value: String = row[line.column]
      return value.isEmpty ? "\(line.word):\n" : "\(line.word): \(value)\n"
    }.joined()
    return lines.count > 1 ? text + "\n" : text
  }

  private func template(_ format: String, _ rows: [TemplateRecord]) throws -> String {
    let template = try Self.parse(format)
    return try rows.map { try Self.render(template, $0) + "\n" }.joined()
  }

  private func table(_ format: String, _ rows: [TemplateRecord]) throws -> String {
    let template = try Self.parse(format)
    let methods = [
      "Label": { @Sendable (name: String) in name.split(separator: ".").last.map(String.init) ?? "" }
    ]
    let headings = TemplateRecord(
      columns.map { ($0.name, .string($0.heading)) }, methods: methods, typeName: rows.first?.typeName ?? "")
    return Table.layOut(try ([headings] + rows).map { try Self.render(template, $0) })
  }

  private static func render(_ template: GoTemplate, _ row: TemplateRecord) throws -> String {
    do {
      return try template.render(.record(row))
    } catch {
      throw CommandFailure("template parsing error: \(error)")
    }
  }

  /// `status` is what to exit with: docker has one of its own for the templates of single objects.
  static func parse(
    _ format: String, name: String = "", complaint: String = "template parsing error", status: Int32 = 1
  ) throws -> GoTemplate {
    do {
      return try GoTemplate(format, name: name)
    } catch {
      throw CommandFailure("\(complaint): \(error)", status: status)
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
  ["Label": { name in labels[name] ?? "" }]
}

/// An identifier's first twelve digits, without `sha256:`.
func shortened(_ id: String) -> String {
  let digits = id.hasPrefix("sha256:") ? id.dropFirst(7) : id[...]
  return String(digits.prefix(12))
}
