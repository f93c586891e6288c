import ComposeModel
import DockerClient
import Flags
import Linux
import PathPatterns
import Reactor
import TerminalUI

/// The whole tree of commands under `compose`.
public struct ComposeCommand: Sendable {
  private let path: String
  private let connect: @Sendable () async throws -> DockerClient
  private let authentication: @Sendable (_ registry: String) async -> String
  private let call: @Sendable (_ words: [String]) async throws -> Int32

  /// `path` is how it was called, as `skiff compose`; `connect` gives the engine when a command needs it;
  /// `authentication` what `X-Registry-Auth` shall say to a registry, empty where nothing is known; `call` runs a
  /// command for single containers, as `cp a b`.
  public init(
    path: String, connect: @escaping @Sendable () async throws -> DockerClient,
    authentication: @escaping @Sendable (_ registry: String) async -> String = { _ in "" },
    call: @escaping @Sendable (_ words: [String]) async throws -> Int32 = { words in
      throw ComposeFailure("\(words.first ?? "") is not part of this program")
    }
  ) {
    self.path = path
    self.connect = connect
    self.authentication = authentication
    self.call = call
  }

  public static let summary = "Define and run multi-container applications with Docker"

  /// Runs the command line behind `compose`; returns the status to exit with. Complaints are told here.
  public func run(_ arguments: [String]) async -> Int32 {
    do {
      return try await dispatch(arguments)
    } catch let error as UsageError {
      (error.status == 0 ? StandardStream.output : .error).write(error.text)
      return error.status
    } catch let failure as ComposeFailure {
      if !failure.description.isEmpty { StandardStream.error.line(failure.description) }
      return failure.status
    } catch let interruption as Interruption {
      return interruption.status
    } catch is CancellationError {
      return 130
    } catch {
      StandardStream.error.line(Self.words(of: error))
      return 1
    }
  }

  /// What to tell about an error.
  static func words(of error: any Error) -> String {
    switch error {
    case let error as SyscallError: DiskFiles.words(error)
    case let error as APIError: "Error response from daemon: \(error.message)"
    default: "\(error)"
    }
  }

  private func dispatch(_ arguments: [String]) async throws -> Int32 {
    let parsed: Arguments
    do {
      parsed = try Subcommand.parse(RootFlags.syntax(path), arguments)
    } catch let error as UsageError where error.status == 0 {
      throw UsageError(text: help(), status: 0)
    }
    guard let name = parsed.words.first else {
      if parsed.bool("version") { return VersionCommand.tell(short: false, format: "") }
      StandardStream.output.write(help())
      return 0
    }
    if name == "help" {
      guard let topic = parsed.words.dropFirst().first, let command = Self.find(topic) else {
        StandardStream.output.write(help())
        return 0
      }
      StandardStream.output.write(HelpPage.text(of: command.syntax("\(path) \(topic)")))
      return 0
    }
    guard let command = Self.find(name) else {
      StandardStream.output.write(help())
      throw ComposeFailure("unknown docker command: \"compose \(name)\"")
    }
    let invocation = try RootFlags.invocation(parsed, connect, authentication, call)
    let rest = Array(parsed.words.dropFirst())
    let inner = try Subcommand.parse(command.syntax("\(path) \(name)"), rest)
    return try await command.run(inner, invocation)
  }

  private func help() -> String {
    let commands = Self.commands.map { (name: $0.name, summary: $0.summary) }
    return HelpPage.text(
      ofGroup: path, usage: "[OPTIONS] COMMAND", summary: Self.summary,
      sections: [.init("Commands", commands)],
      flags: RootFlags.flags)
  }

  private static func find(_ name: String) -> Subcommand? {
    commands.first { $0.name == name || $0.alias == name }
  }

  static let commands: [Subcommand] =
    ([
      ConfigCommand.entry, VersionCommand.entry, UpCommand.entry, UpCommand.create, DownCommand.entry,
      PsCommand.entry,
      ExecCommand.entry, RunCommand.entry, WatchCommand.entry,
    ] + LifecycleCommands.entries + ListingCommands.entries + StreamCommands.entries + ImageCommands.entries
    + DelegatedCommands.entries)
    .sorted { $0.name < $1.name }
}

/// One command under `compose`.
struct Subcommand: Sendable {
  let name: String
  var alias: String?
  let summary: String
  let usage: String
  /// A second form, where there is one.
  let otherUsage: String?
  let words: CommandSyntax.Words
  let flags: [Flag]
  let mixes: Bool
  let run: @Sendable (Arguments, Invocation) async throws -> Int32

  init(
    _ name: String, alias: String? = nil, _ summary: String, usage: String, otherUsage: String? = nil,
    words: CommandSyntax.Words = .any, flags: [Flag], mixes: Bool = true,
    run: @escaping @Sendable (Arguments, Invocation) async throws -> Int32
  ) {
    self.name = name
    self.alias = alias
    self.summary = summary
    self.usage = usage
    self.otherUsage = otherUsage
    self.words = words
    self.flags = flags
    self.mixes = mixes
    self.run = run
  }

  func syntax(_ path: String) -> CommandSyntax {
    // As docker compose: what every command has is not worth a word.
    let options = flags.isEmpty ? "" : "[OPTIONS] "
    var syntax = CommandSyntax(
      path, summary: summary, words: words,
      flags: flags + [.bool("dry-run", "Execute command in dry run mode")],
      examples: ComposeExamples.of(name, path), mixesFlagsAndWords: mixes)
    syntax.usage = ([usage] + (otherUsage.map { [$0] } ?? [])).map { form in
      form.isEmpty ? String(options.dropLast()) : options + form
    }
    return syntax
  }

  /// Runs it with these words on its command line, for the same project.
  func call(_ words: [String], _ invocation: Invocation) async throws -> Int32 {
    try await run(try Self.parse(syntax("compose \(name)"), words), invocation)
  }

  /// Parses as docker compose does: what is wrong is told in one line, with status 1.
  static func parse(_ syntax: CommandSyntax, _ arguments: [String]) throws -> Arguments {
    do {
      return try syntax.parse(arguments)
    } catch {
      guard error.status == 125 else { throw error }
      throw ComposeFailure(String(error.text.prefix { $0 != "\n" }))
    }
  }
}

/// The flags between `compose` and the command.
enum RootFlags {
  static let flags: [Flag] = [
    .bool("all-resources", "Include all resources, even those not used by services"),
    .string(
      "ansi", "Control when to print ANSI control characters (\"never\"|\"always\"|\"auto\")", default: "auto"
    ),
    .bool("compatibility", "Run compose in backward compatibility mode"),
    .bool("dry-run", "Execute command in dry run mode"),
    .list("env-file", "Specify an alternate environment file", typeName: "stringArray"),
    .list("file|f", "Compose configuration files", typeName: "stringArray"),
    .bool("no-ansi", "Do not print ANSI control characters (DEPRECATED)").hidden,
    .int("parallel", "Control max parallelism, -1 for unlimited", default: -1),
    .list("profile", "Specify a profile to enable", typeName: "stringArray"),
    .string("progress", "Set type of progress output (auto, tty, plain, json, quiet)"),
    .string(
      "project-directory",
      "Specify an alternate working directory\n(default: the path of the, first specified, Compose file)"),
    .string("project-name|p", "Project name"), .bool("verbose", "Show more output").hidden,
    .bool("version|v", "Show the Docker Compose version information").hidden,
    .string("workdir", "DEPRECATED! USE --project-directory INSTEAD.").hidden,
  ]

  static func syntax(_ path: String) -> CommandSyntax {
    CommandSyntax(
      path, "[OPTIONS] COMMAND", summary: ComposeCommand.summary, words: .any, flags: flags,
      mixesFlagsAndWords: false)
  }

  static func invocation(
    _ arguments: Arguments, _ connect: @escaping @Sendable () async throws -> DockerClient,
    _ authentication: @escaping @Sendable (String) async -> String,
    _ call: @escaping @Sendable ([String]) async throws -> Int32
  ) throws -> Invocation {
    var environment: [String: String] = [:]
    for entry in Environment.all() {
      guard let mark = entry.dropFirst().firstIndex(of: "=") else { continue }
      environment[String(entry[..<mark])] = String(entry[entry.index(after: mark)...])
    }
    let directory = try Files.currentDirectory()
    var source = ProjectSource(environment: environment, currentDirectory: directory)
    source.files = arguments.list("file")
    source.projectName = arguments.string("project-name")
    source.profiles = arguments.list("profile")
    source.projectDirectory = arguments.given("workdir") ?? arguments.string("project-directory")
    source.envFiles =
      arguments.isSet("env-file")
      ? arguments.list("env-file")
      : (environment["COMPOSE_ENV_FILES"] ?? "").split(separator: ",").map(String.init)
    source.keepsUnused = arguments.bool("all-resources")
    var invocation = Invocation(source: source, connect: connect, authentication: authentication, call: call)
    invocation.ansi = arguments.given("ansi") ?? environment["COMPOSE_ANSI"] ?? "auto"
    if arguments.bool("no-ansi") { invocation.ansi = "never" }
    invocation.progress = try progress(arguments, environment, invocation.ansi)
    // Without colours lines may still be drawn over.
    if !(environment["NO_COLOR"] ?? "").isEmpty { invocation.ansi = "never" }
    invocation.dryRun = arguments.bool("dry-run")
    invocation.compatibility = arguments.bool("compatibility") || isTrue(environment["COMPOSE_COMPATIBILITY"])
    invocation.parallel = try parallel(arguments, environment)
    return invocation
  }

  private static func isTrue(_ text: String?) -> Bool {
    ["1", "t", "true", "y", "yes"].contains((text ?? "").lowercased())
  }

  private static func parallel(_ arguments: Arguments, _ environment: [String: String]) throws -> Int? {
    var limit = arguments.int("parallel")
    if !arguments.isSet("parallel"), let text = environment["COMPOSE_PARALLEL_LIMIT"] {
      guard let number = Int(text) else {
        throw ComposeFailure("COMPOSE_PARALLEL_LIMIT must be an integer (found: \"\(text)\")")
      }
      limit = number
    }
    return limit > 0 ? limit : nil
  }

  private static func progress(
    _ arguments: Arguments, _ environment: [String: String], _ ansi: String
  ) throws -> String {
    let mode = arguments.given("progress") ?? environment["COMPOSE_PROGRESS"] ?? ""
    switch mode {
    case "", "auto": return ansi == "never" ? "plain" : ansi == "always" ? "tty" : "auto"
    case "tty":
      if ansi == "never" { throw ComposeFailure("can't use --progress tty while ANSI support is disabled") }
      return mode
    case "plain":
      if ansi == "always" { throw ComposeFailure("can't use --progress plain while ANSI support is forced") }
      return mode
    case "quiet", "none": return "quiet"
    case "json": return mode
    default: throw ComposeFailure("unsupported --progress value \"\(mode)\"")
    }
  }
}
