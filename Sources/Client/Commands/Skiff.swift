import Flags
import Linux
import Reactor
import TerminalUI

/// The program `skiff`: finds the command, runs it, tells what went wrong.
public enum Skiff {
  /// `arguments` without the program's own name. Returns the status to exit with.
  public static func run(_ arguments: [String]) async -> Int32 {
    do {
      return try await dispatch(arguments)
    } catch let error as UsageError {
      (error.status == 0 ? StandardStream.output : .error).write(error.text)
      return error.status
    } catch let status as ExitStatus {
      return status.code
    } catch let failure as CommandFailure {
      StandardStream.error.line(failure.description)
      return failure.status
    } catch let interruption as Interruption {
      return interruption.status
    } catch {
      StandardStream.error.line(message(of: error))
      return 1
    }
  }

  private static func dispatch(_ arguments: [String]) async throws -> Int32 {
    if let name = arguments.first, CompleteCommand.names.contains(name) {
      return await CompleteCommand.run(Array(arguments.dropFirst()), isDescribed: name == "__complete")
    }
    let globals = try RootCommand.globals(arguments)
    if globals.isVersion, globals.rest.isEmpty {
      StandardStream.output.line(VersionCommand.line)
      return 0
    }
    let session = Session(globals.options)
    guard let name = globals.rest.first else {
      // Asked for nothing: the help is no output.
      StandardStream.error.write(RootCommand.help())
      return 0
    }
    if name == "help" { return try await help(Array(globals.rest.dropFirst()), session) }
    return try await call(
      globals.rest, in: programName, among: RootCommand.entries(), isGroup: false, session)
  }

  /// Calls a command of ours from within another: `words` is its name and what follows it.
  static func call(_ words: [String], _ session: Session) async throws -> Int32 {
    try await call(words, in: programName, among: RootCommand.entries(), isGroup: false, session)
  }

  private static func help(_ words: [String], _ session: Session) async throws -> Int32 {
    guard let first = words.first else {
      StandardStream.output.write(RootCommand.help())
      return 0
    }
    guard RootCommand.entries().contains(where: { $0.isCalled(first) }) else {
      throw CommandFailure("unknown help topic: \(words.joined(separator: " "))")
    }
    try know(words.dropFirst(), RootCommand.entries().first { $0.isCalled(first) })
    return try await call(
      words + ["--help"], in: programName, among: RootCommand.entries(), isGroup: false, session)
  }

  /// Throws where words behind the name of a group name nothing in it.
  private static func know(_ words: ArraySlice<String>, _ entry: CommandEntry?) throws {
    guard let word = words.first, case .group(let make) = entry?.content else { return }
    guard let next = make().first(where: { $0.isCalled(word) }) else {
      throw CommandFailure("unknown help topic: \(words.joined(separator: " "))")
    }
    try know(words.dropFirst(), next)
  }

  /// Calls the command that the first word names.
  private static func call(
    _ words: [String], in path: String, among entries: [CommandEntry], isGroup: Bool, _ session: Session
  ) async throws -> Int32 {
    let name = words[0]
    guard let entry = entries.first(where: { $0.isCalled(name) }) else {
      if !isGroup {
        try ClientPlugin.run(name, words, session)
        if let absent = AbsentCommands.error(name) { throw absent }
      }
      throw UnknownCommand.error(name, in: path, isGroup: isGroup, among: entries.map(\.name))
    }
    let rest = Array(words.dropFirst())
    let inner = "\(path) \(name)"
    switch entry.content {
    case .foreign(let run): return try await run(rest, session)
    case .command(let make):
      let command = make(inner)
      let arguments = try command.syntax.parse(rest)
      try await FlagGates.check(inner, arguments, session)
      return try await command.run(arguments, session)
    case .group(let make):
      let inside = make()
      if let next = rest.first, !next.hasPrefix("-") {
        return try await call(rest, in: inner, among: inside, isGroup: true, session)
      }
      try RootCommand.refuseFlags(rest, inner)
      StandardStream.error.write(RootCommand.help(ofGroup: inner, entry.summary, inside))
      return 0
    }
  }
}
