import Flags

/// What stands at the top: the commands, and the flags before them.
enum RootCommand {
  static let summary = "A self-sufficient container engine, with Docker's commands"

  static func common() -> [CommandEntry] {
    [
      RunCommand.entry, ExecCommand.entry, ListContainersCommand.entry.renamed("ps"), BuildCommand.entry,
      PullCommand.entry, PushCommand.entry, ListImagesCommand.entry.renamed("images"), LoginCommand.entry,
      LogoutCommand.entry,
      SearchCommand.entry, VersionCommand.entry, InfoCommand.entry,
    ]
  }

  static func groups() -> [CommandEntry] {
    [
      Groups.builder, ComposeEntry.entry, Groups.container, Groups.context, Groups.image, Groups.network,
      Groups.system,
      Groups.volume,
    ]
  }

  static func others() -> [CommandEntry] {
    [
      AttachCommand.entry, CommitCommand.entry, CompletionCommand.entry, CopyCommand.entry,
      CreateCommand.entry, DebugCommand.entry, DiffCommand.entry,
      EventsCommand.entry, ExplainCommand.entry,
      ExportCommand.entry, HistoryCommand.entry, ImportCommand.entry, InspectCommand.entry, KillCommand.entry,
      LoadCommand.entry,
      LogsCommand.entry, PauseCommand.entry, PortCommand.entry, RenameCommand.entry, RestartCommand.entry,
      RemoveCommand.entry,
      RemoveImagesCommand.entry.renamed("rmi"), SaveCommand.entry, StartCommand.entry, StatsCommand.entry,
      StopCommand.entry,
      TagCommand.entry, TopCommand.entry, UnpauseCommand.entry, UpdateCommand.entry, WaitCommand.entry,
    ]
  }

  static func entries() -> [CommandEntry] { common() + groups() + others() }

  static let flags: [Flag] =
    [
      .string("config", "Directory of the client's settings"),
      .string(
        "context|c", "Name of the context to use (overrides SKIFF_HOST, DOCKER_HOST and \"context use\")"),
      .bool("debug|D", "Tell more about what is done"),
      .list("host|H", "Engine to connect to (unix:///path, tcp://host:port or ssh://user@host)"),
      .string("log-level|l", "Accepted for Docker's sake", default: "info"),
    ] + TLSFlags.all + [
      .bool("version|v", "Print version information and quit")
    ]

  static func syntax() -> CommandSyntax {
    CommandSyntax(
      programName, "[OPTIONS] COMMAND [ARG...]", summary: summary, words: .any, flags: flags,
      mixesFlagsAndWords: false)
  }

  /// Takes the flags before the command.
  static func globals(
    _ arguments: [String]
  ) throws -> (options: Session.GlobalOptions, isVersion: Bool, rest: [String]) {
    let parsed: Arguments
    do {
      parsed = try syntax().parse(arguments)
    } catch {
      throw error.status == 0 ? UsageError(text: help(), status: 0) : error
    }
    var options = Session.GlobalOptions()
    let hosts = parsed.list("host")
    guard hosts.count < 2 else {
      throw CommandFailure("Failed to initialize: unable to resolve docker endpoint: Specify only one -H")
    }
    // An empty address is none, so that `-H "$HOST"` may be written where HOST is not set.
    options.host = hosts.first.flatMap { $0.isEmpty ? nil : $0 }
    options.context = parsed.given("context")
    options.configDirectory = parsed.given("config")
    options.debug = parsed.bool("debug")
    if options.host != nil, options.context != nil {
      throw CommandFailure("conflicting options: cannot specify both --host and --context", status: 1)
    }
    let level = parsed.string("log-level")
    guard ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"].contains(level) else {
      throw CommandFailure("Unable to parse logging level: \(level)", status: 1)
    }
    options.tls = TLSFlags.material(parsed)
    return (options, parsed.bool("version"), parsed.words)
  }

  static func help() -> String {
    HelpPage.text(
      ofGroup: programName, usage: "[OPTIONS] COMMAND", summary: summary,
      sections: [
        .init("Common Commands", list(common())), .init("Management Commands", list(groups())),
        .init("Commands", list(others())),
      ], flags: flags)
  }

  static func help(ofGroup path: String, _ summary: String, _ entries: [CommandEntry]) -> String {
    HelpPage.text(
      ofGroup: path, usage: "COMMAND", summary: summary, sections: [.init("Commands", list(entries))])
  }

  private static func list(_ entries: [CommandEntry]) -> [(name: String, summary: String)] {
    entries.map { ($0.name, $0.summary) }
  }

  /// Groups have no flags but --help.
  static func refuseFlags(_ rest: [String], _ path: String) throws {
    guard let first = rest.first, first != "--help", first != "-h" else { return }
    _ = try CommandSyntax(path, "", summary: "", words: .any).parse([first])
  }
}
