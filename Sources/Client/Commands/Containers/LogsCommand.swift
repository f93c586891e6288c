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
        .bool("previous", "Show the log of the removed container that had this name"),
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
      var options = try options(arguments)
      if arguments.bool("previous") { return try await previous(arguments.words[0], options, client) }
      let container = try await client.inspectContainer(arguments.words[0])
      options.tty = container.config.tty
      try await show(try await client.containerLogs(container.id, options))
      if !options.follow { try await NoteLines.tell(of: container.id, client) }
      return 0
    }
  }

  private static func options(_ arguments: Arguments) throws -> LogOptions {
    var options = LogOptions()
    options.follow = arguments.bool("follow")
    options.timestamps = arguments.bool("timestamps")
    options.details = arguments.bool("details")
    options.since = try moment("since", arguments)
    options.until = try moment("until", arguments)
    options.tail = arguments.string("tail")
    return options
  }

  private static func previous(
    _ name: String, _ options: LogOptions, _ client: DockerClient
  ) async throws -> Int32 {
    guard !options.follow else {
      throw CommandFailure("conflicting options: cannot specify both --previous and --follow")
    }
    do {
      try await show(try await client.previousLogs(name, options))
    } catch let error as APIError where error.message == "page not found" {
      throw CommandFailure("this engine does not keep the logs of removed containers")
    }
    return 0
  }

  private static func show(_ pieces: OutputSequence) async throws {
    for try await piece in pieces {
      (piece.stream == .stdout ? StandardStream.output : .error).write(piece.bytes)
    }
  }

  private static func moment(_ flag: String, _ arguments: Arguments) throws -> String {
    do { return try Moments.query(arguments.string(flag)) } catch {
      throw CommandFailure("invalid value for \"\(flag)\": \(error)")
    }
  }
}
