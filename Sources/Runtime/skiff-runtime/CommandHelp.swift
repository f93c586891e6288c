import ContainerRuntime

/// What the program says of itself and of its commands, in the form that runc's users know.
struct CommandHelp {
  let name: String
  /// Behind the name: `[command options] <container-id>`.
  let usage: String
  let summary: String
  /// Flags and what they do.
  let flags: [(String, String)]

  init(_ name: String, _ usage: String, _ summary: String, flags: [(String, String)] = []) {
    self.name = name
    self.usage = usage
    self.summary = summary
    self.flags = flags
  }

  func text(program: String) -> String {
    var text = "NAME:\n   \(program) \(name) - \(summary)\n\nUSAGE:\n   \(program) \(name) \(usage)\n"
    if !flags.isEmpty { text += "\nOPTIONS:\n" + Self.table(flags) }
    return text
  }

  static func overview(program: String) -> String {
    let commands = Commands.all.map { ($0.name, $0.summary) }
    return """
      NAME:
         \(program) - Open Container Initiative runtime

      USAGE:
         \(program) [global options] command [command options] [arguments...]

      VERSION:
         \(Program.version)

      COMMANDS:
      \(table(commands))
      GLOBAL OPTIONS:
      \(table(globalFlags))
      EXAMPLE:
         mkdir -p box/rootfs && cd box && \(program) spec && \(program) run box

      """
  }

  private static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.utf8.count).max() ?? 0
    return rows.map { left, right in
      "   " + left + String(repeating: " ", count: width - left.utf8.count + 2) + right + "\n"
    }.joined()
  }

  private static let globalFlags = [
    ("--root DIR", "where containers' states are kept (default: /run/skiff-runtime)"),
    ("--log FILE", "write errors there too, and with --debug each step"),
    ("--log-format text|json", "how lines of the log look"), ("--debug", "tell of each step"),
    ("--systemd-cgroup", "leave cgroups to systemd"),
    ("--rootless true|false|auto", "ignored: it is found out"),
    ("--help, -h", "this text"), ("--version, -v", "versions of program and specification"),
  ]
}

/// The commands of the program.
enum Commands {
  typealias Action = @Sendable (_ call: Call) throws(RuntimeError) -> Int32

  /// What a command does; apart from the help, which is long and seldom asked for.
  static func action(of name: String) -> Action? {
    switch name {
    case "checkpoint": TellCommands.refuse
    case "create": LifeCommands.create
    case "delete": LifeCommands.delete
    case "events": EventsCommand.run
    case "exec": ExecCommand.run
    case "features": TellCommands.features
    case "kill": LifeCommands.kill
    case "list": TellCommands.list
    case "pause": LifeCommands.pause
    case "ps": ProcessesCommand.run
    case "restore": TellCommands.refuse
    case "resume": LifeCommands.resume
    case "run": LifeCommands.run
    case "spec": TellCommands.spec
    case "start": LifeCommands.start
    case "state": TellCommands.state
    case "update": LifeCommands.update
    default: nil
    }
  }

  private static let bundleFlags = [
    ("--bundle DIR, -b DIR", "the bundle's directory (default: the current one)"),
    ("--console-socket PATH", "a Unix socket that gets the terminal's master"),
    ("--pidfd-socket PATH", "a Unix socket that gets a pidfd of the first process"),
    ("--pid-file FILE", "gets the first process's pid"),
    ("--no-pivot", "do not use pivot_root, for roots on a ram disk"),
    ("--no-new-keyring", "stay in the caller's session keyring"),
    ("--preserve-fds N", "keep N descriptors from 3 on"),
  ]

  static let all = [
    CommandHelp(
      "checkpoint", "[command options] <container-id>", "not supported: no container is checkpointed"),
    CommandHelp(
      "create", "[command options] <container-id>", "make a container that waits for its start",
      flags: bundleFlags),
    CommandHelp(
      "delete", "[command options] <container-id>", "remove what is left of a stopped container",
      flags: [("--force, -f", "kill it first if it runs; it need not exist")]),
    CommandHelp(
      "events", "[command options] <container-id>", "print usage, and out-of-memory kills, as JSON",
      flags: [("--interval TIME", "between two readings (default: 5s)"), ("--stats", "print one and end")]),
    CommandHelp(
      "exec", "[command options] <container-id> <command> [arguments...]",
      "run another process in a container", flags: ExecCommand.flags),
    CommandHelp("features", "", "print what this runtime can do"),
    CommandHelp(
      "kill", "[command options] <container-id> [signal]", "send a signal to a container's first process",
      flags: [("--all, -a", "to all its processes")]),
    CommandHelp(
      "list", "[command options]", "list the containers below --root",
      flags: [("--format table|json, -f", "how"), ("--quiet, -q", "only IDs")]),
    CommandHelp("pause", "<container-id>", "stop all processes of a container where they are"),
    CommandHelp(
      "ps", "[command options] <container-id> [ps options]", "list the processes in a container",
      flags: [("--format table|json, -f", "how")]),
    CommandHelp(
      "restore", "[command options] <container-id>", "not supported: no container is checkpointed"),
    CommandHelp("resume", "<container-id>", "let the processes of a container go on"),
    CommandHelp(
      "run", "[command options] <container-id>", "create, start, wait and delete",
      flags: bundleFlags + [
        ("--detach, -d", "do not wait"), ("--keep", "do not delete"),
        ("--no-subreaper", "ignored: this runtime is none"),
      ]),
    CommandHelp(
      "spec", "[command options]", "write an example config.json",
      flags: [
        ("--bundle DIR, -b DIR", "where (default: the current directory)"),
        ("--rootless", "for a user without rights"),
      ]),
    CommandHelp("start", "<container-id>", "let the command of a created container run"),
    CommandHelp("state", "<container-id>", "print a container's state as JSON"),
    CommandHelp(
      "update", "[command options] <container-id>", "change a container's limits", flags: ResourceFlags.help
    ),
  ]
}
