import DockerAPI
import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff history`
enum HistoryCommand {
  static let entry = CommandEntry("history", "Show the history of an image") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] IMAGE", summary: "Show the history of an image", words: .exactly(1),
      flags: [
        CommonFlags.formatTable,
        .bool("human|H", "Print sizes and dates in human readable format", default: true),
        CommonFlags.noTruncation,
        CommonFlags.platform, .bool("quiet|q", "Only show image IDs"),
      ], aliases: aliases("image history", "history"))
    return Command(syntax, run)
  }

  private static func listing(isHuman: Bool) -> Listing {
    let age = isHuman ? "CreatedSince" : "CreatedAt"
    return Listing(
      columns: [
        ("Comment", "COMMENT"), ("CreatedAt", "CREATED AT"), ("CreatedBy", "CREATED BY"),
        ("CreatedSince", "CREATED"), ("ID", "IMAGE"),
        ("Size", "SIZE"),
      ], standard: ["ID", age, "CreatedBy", "Size", "Comment"])
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let truncates = !arguments.bool("no-trunc")
    let isHuman = arguments.bool("human")
    let rows = try await session.engine().imageHistory(
      arguments.words[0], platform: try CommonFlags.platform(arguments)
    ).map { item in
      let created = Timestamp(seconds: item.created)
      let by = item.createdBy.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: " ")
      let since = item.created <= 0 ? "N/A" : HumanDuration.since(created, now: now())
      let id = item.id.isEmpty ? "<missing>" : item.id
      let fields: [(String, String)] = [
        ("Comment", item.comment), ("CreatedAt", LocalTime(created).rfc3339),
        ("CreatedBy", truncates ? Ellipsis.shorten(by, to: 45) : by),
        ("CreatedSince", isHuman ? since : LocalTime(created).rfc3339),
        ("ID", truncates && id != "<missing>" ? shortened(id) : id),
        ("Size", isHuman ? ByteSize.decimal(Double(item.size), digits: 3) : "\(item.size)"),
      ]
      return TemplateRecord.row(fields, "*image.historyContext")
    }
    StandardStream.output.write(
      try listing(isHuman: isHuman).text(arguments.string("format"), isQuiet: arguments.bool("quiet"), rows))
    return 0
  }
}
