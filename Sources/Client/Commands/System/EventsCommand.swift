import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff events`
enum EventsCommand {
  static let entry = CommandEntry("events", "Get real time events from the server") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "Get real time events from the server", words: .none,
      flags: [
        CommonFlags.filter, .string("format", CommonFlags.formatInspect.summary),
        .string("since", "Show all events created since a moment"),
        .string("until", "Stream events until a moment"),
      ], aliases: aliases("system events", "events"))
    return Command(syntax) { arguments, session in
      let template = try template(arguments.string("format"))
      let events = try await session.engine().eventsRaw(
        since: try Moments.query(arguments.string("since")),
        until: try Moments.query(arguments.string("until")),
        filters: CommonFlags.filters(arguments.list("filter")))
      for try await event in events {
        StandardStream.output.line(try template.map { try render($0, event) } ?? line(event))
      }
      return 0
    }
  }

  /// Tried on an empty event first, as docker does: a field that no event has is told before the waiting begins.
  private static func template(_ format: String) throws -> GoTemplate? {
    guard !format.isEmpty else { return nil }
    let complaint = "Error parsing format"
    let template = try Listing.parse(
      format == "json" ? "{{json .}}" : format, complaint: complaint, status: 64)
    do {
      _ = try render(template, ["Actor": ["Attributes": [:]]])
    } catch {
      throw CommandFailure("\(complaint): \(error)", status: 64)
    }
    return template
  }

  /// Templates name an event's fields as Go's struct does.
  private static func render(_ template: GoTemplate, _ event: JSONValue) throws(TemplateError) -> String {
    let record = TemplateRecord(
      event, typeName: "*events.Message",
      named: [
        "Scope": "scope", "Time": "time", "TimeNano": "timeNano", "ID": "id", "From": "from",
        "Status": "status",
      ])
    return try template.render(.record(record), fields: fields)
  }

  private static let fields: GoFields = {
    var fields = GoFields()
    fields.absent = ["Scope": "", "Time": "0", "TimeNano": "0", "From": "", "Status": "", "ID": ""]
    fields.absent["Type"] = ""
    fields.absent["Action"] = ""
    return fields
  }()

  /// `2024-01-02T03:04:05.000000000Z container start 0123… (image=x, name=y)`
  static func line(_ event: JSONValue) -> String {
    let nanoseconds = event["timeNano"]?.integer ?? (event["time"]?.integer ?? 0) * 1_000_000_000
    var text = nanoseconds == 0 ? "" : "\(LocalTime(Timestamp(nanoseconds: nanoseconds)).rfc3339Nano) "
    text += [event["Type"]?.string, event["Action"]?.string, event["Actor"]?["ID"]?.string].compactMap { $0 }
      .joined(separator: " ")
    let attributes = (event["Actor"]?["Attributes"]?.object ?? [:]).sorted { $0.key < $1.key }
    guard !attributes.isEmpty else { return text }
    return text + " (" + attributes.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ", ") + ")"
  }
}
