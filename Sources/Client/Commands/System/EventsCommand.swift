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
      let format = Listing.unescape(arguments.string("format"))
      let template = format.isEmpty ? nil : try Listing.parse(format == "json" ? "{{json .}}" : format)
      let events = try await session.engine().eventsRaw(
        since: try Moments.query(arguments.string("since")),
        until: try Moments.query(arguments.string("until")),
        filters: CommonFlags.filters(arguments.list("filter")))
      for try await event in events {
        StandardStream.output.line(
          try template.map { try InspectCommand.render($0, named(event)) } ?? line(event))
      }
      return 0
    }
  }

  /// Templates also name an event's fields as Go's struct does.
  private static func named(_ event: JSONValue) -> JSONValue {
    guard case .object(var object) = event else { return event }
    for (go, wire) in [
      "Scope": "scope", "Time": "time", "TimeNano": "timeNano", "ID": "id", "From": "from",
      "Status": "status",
    ] {
      if object[go] == nil, let value = object[wire] { object[go] = value }
    }
    return .object(object)
  }

  /// `2024-01-02T03:04:05.000000000Z container start 0123… (image=x, name=y)`
  static func line(_ event: JSONValue) -> String {
    let nanoseconds = event["timeNano"]?.integer ?? (event["time"]?.integer ?? 0) * 1_000_000_000
    var text = nanoseconds == 0 ? "" : "\(fixed(Timestamp(nanoseconds: nanoseconds))) "
    text += [event["Type"]?.string, event["Action"]?.string, event["Actor"]?["ID"]?.string].compactMap { $0 }
      .joined(separator: " ")
    let attributes = (event["Actor"]?["Attributes"]?.object ?? [:]).sorted { $0.key < $1.key }
    guard !attributes.isEmpty else { return text }
    return text + " (" + attributes.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ", ") + ")"
  }

  /// With all nine digits, as docker shows events.
  private static func fixed(_ moment: Timestamp) -> String {
    let fraction = String(moment.nanoseconds - moment.seconds * 1_000_000_000)
    return "\(moment.date)T\(moment.time)." + String(repeating: "0", count: 9 - fraction.count) + fraction
      + "Z"
  }
}
