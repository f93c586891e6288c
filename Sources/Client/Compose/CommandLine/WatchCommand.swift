import ComposeModel
import Flags
import JSON
import Linux
import Reactor
import TerminalUI

/// `watch`: containers follow the files that they are made of.
enum WatchCommand {
  static let entry = Subcommand(
    "watch", "Watch build context for service and rebuild/refresh containers when files are updated",
    usage: "[SERVICE...]",
    flags: [
      .bool("no-up", "Do not build & start services before watching"),
      .bool("prune", "Prune dangling images on rebuild", default: true),
      .bool("quiet", "hide build output"),
    ]
  ) { arguments, invocation in
    let project = try invocation.project(selecting: arguments.words)
    let client = try await invocation.connect()
    let session = try WatchSession(
      invocation, client, project, prunes: arguments.bool("prune"), quiet: arguments.bool("quiet"))
    if invocation.dryRun { return 0 }
    if !arguments.bool("no-up") { try await up(arguments, project, invocation) }
    return try await untilInterrupted(session)
  }

  private static func up(_ arguments: Arguments, _ project: Project, _ invocation: Invocation) async throws {
    var words = ["--detach"]
    let builds = project.services.values.contains { $0.build != nil && $0["develop"] != nil }
    if builds { words.append("--build") }
    if arguments.bool("quiet") { words += ["--quiet-build", "--quiet-pull"] }
    words += arguments.words
    _ = try await UpCommand.entry.call(words, invocation)
  }

  private static func untilInterrupted(_ session: WatchSession) async throws -> Int32 {
    let signals = Signals.stream([Signal.interrupt.rawValue, Signal.terminate.rawValue])
    return try await withThrowingTaskGroup(of: Int32.self) { group in
      group.addTask {
        for await _ in signals { break }
        return 130
      }
      group.addTask {
        try await session.run(try await session.begin())
        return 0
      }
      defer { group.cancelAll() }
      let status = try await group.next() ?? 0
      StandardStream.output.line("Watch disabled")
      return status
    }
  }
}
