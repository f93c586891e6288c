import Compose
import Flags
import TerminalUI

/// `skiff __complete WORDS… TYPED`: what shells' completion asks, in the protocol of cobra, whose scripts docker's users
/// have: a suggestion a line, a tab before its description, then `:` and what the shell is to do with them.
enum CompleteCommand {
  static let names = ["__complete", "__completeNoDesc"]

  static func run(_ arguments: [String], isDescribed: Bool) async -> Int32 {
    let typed = arguments.last ?? ""
    var suggestions: Suggestions
    do {
      suggestions = try await suggest(Array(arguments.dropLast()), typed)
    } catch {
      // A shell has no use for complaints.
      suggestions = .nothing
    }
    for item in suggestions.items where item.text.hasPrefix(typed) {
      let line = item.text + (isDescribed && !item.about.isEmpty ? "\t\(item.about)" : "")
      StandardStream.output.line(line)
    }
    StandardStream.output.line(":\(suggestions.directive.rawValue)")
    return 0
  }

  private static func suggest(_ before: [String], _ typed: String) async throws -> Suggestions {
    switch TypingPlace(RootCommand.flags, mixes: false, before: before, typed: typed) {
    case .flag: return .flags(RootCommand.flags)
    case .value(let flag, let prefix):
      return await FlagSuggestions.values(flag.name, [], Session()).prefixed(prefix)
    case .word(let words):
      // The flags before the command say which engine is meant.
      let globals = Array(before.dropLast(words.count))
      let session = Session(try RootCommand.globals(globals).options)
      return try await descend(words, typed, RootCommand.entries(), [], session)
    }
  }

  private static func descend(
    _ words: [String], _ typed: String, _ entries: [CommandEntry], _ path: [String], _ session: Session
  ) async throws -> Suggestions {
    guard let name = words.first else {
      if typed.hasPrefix("-") { return .nothing }
      var items = entries.map { Suggestions.Item($0.name, $0.summary) }
      if path.isEmpty { items.append(.init("help", "Help about the command")) }
      return Suggestions(items)
    }
    let rest = Array(words.dropFirst())
    if path.isEmpty, name == "help" { return try await descend(rest, typed, entries, path, session) }
    guard let entry = entries.first(where: { $0.isCalled(name) }) else { return .nothing }
    switch entry.content {
    case .group(let make): return try await descend(rest, typed, make(), path + [entry.name], session)
    case .foreign: return await compose(rest, typed, session)
    case .command(let make):
      let syntax = make("").syntax
      switch TypingPlace(syntax.flags, mixes: syntax.mixesFlagsAndWords, before: rest, typed: typed) {
      case .flag: return .flags(syntax.flags)
      case .value(let flag, let prefix):
        return await FlagSuggestions.values(flag.name, path + [entry.name], session).prefixed(prefix)
      case .word(let words):
        return await WordSuggestions.words(path + [entry.name], after: words, typed: typed, session)
      }
    }
  }

  private static func compose(_ words: [String], _ typed: String, _ session: Session) async -> Suggestions {
    switch TypingPlace(ComposeSuggestions.flags, mixes: false, before: words, typed: typed) {
    case .flag: return .flags(ComposeSuggestions.flags)
    case .value: return .files
    case .word(let rest):
      guard let name = rest.first else {
        return Suggestions(ComposeSuggestions.commands.map { .init($0.name, $0.summary) })
      }
      guard let (syntax, takesServices) = ComposeSuggestions.command(name) else { return .nothing }
      let place = TypingPlace(
        syntax.flags, mixes: syntax.mixesFlagsAndWords, before: Array(rest.dropFirst()), typed: typed)
      switch place {
      case .flag: return .flags(syntax.flags)
      case .value: return .files
      case .word(let services):
        guard takesServices, services.isEmpty || syntax.mixesFlagsAndWords else { return .files }
        let all = ComposeSuggestions.services(Array(words.dropLast(rest.count)))
        return Suggestions(all.filter { !services.contains($0) }.map { .init($0) })
      }
    }
  }
}
