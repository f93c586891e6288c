import DockerAPI
import DockerClient
import Flags
import TerminalUI

/// `skiff logs`
enum LogsCommand {
  static let entry = CommandEntry("logs", "Fetch the logs of a container") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER", summary: "Fetch the logs of a container", words: .exactly(1),
      flags: [
        .bool("details", "Show extra details provided to logs"), .bool("follow|f", "Follow log output"),
        .string(
          "since", "Show logs since a moment (e.g. \"2013-01-02T13:23:37Z\") or for how long (e.g. \"42m\")"),
        Flag(
          "tail|n", .one, typeName: "string", "Number of lines to show from the end of the logs",
          standard: "all", shownDefault: "\"all\""),
        .bool("timestamps|t", "Show timestamps"),
        .string(
          "until",
          "Show logs before a moment (e.g. \"2013-01-02T13:23:37Z\") or before so long ago (e.g. \"42m\")"),
      ], aliases: aliases("container logs", "logs"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      let container = try await client.inspectContainer(arguments.words[0])
      var options = LogOptions()
      options.follow = arguments.bool("follow")
      options.timestamps = arguments.bool("timestamps")
      options.details = arguments.bool("details")
      options.since = try Moments.query(arguments.string("since"))
      options.until = try Moments.query(arguments.string("until"))
      options.tail = arguments.string("tail")
      options.tty = container.config.tty
      for try await piece in try await client.containerLogs(container.id, options) {
        (piece.stream == .stdout ? StandardStream.output : .error).write(piece.bytes)
      }
      if !options.follow { try await NoteLines.tell(of: container.id, client) }
      return 0
    }
  }
}
