import ComposeModel
import Flags

/// What may stand where in a compose command line, for the completion of shells.
public enum ComposeSuggestions {
  public static var flags: [Flag] { RootFlags.flags }

  /// Names and what they do.
  public static var commands: [(name: String, summary: String)] {
    ComposeCommand.commands.map { ($0.name, $0.summary) }
  }

  /// A command's grammar, and whether its words are services; nil for what is no command.
  public static func command(_ name: String) -> (syntax: CommandSyntax, takesServices: Bool)? {
    ComposeCommand.commands.first { $0.name == name || $0.alias == name }.map { command in
      (command.syntax("compose \(name)"), command.usage.contains("SERVICE"))
    }
  }

  /// The services of the project that `arguments`, the words before the command's name, choose; none where there is
  /// no project that makes sense.
  public static func services(_ arguments: [String]) -> [String] {
    do {
      let parsed = try RootFlags.syntax("compose").parse(arguments)
      let invocation = try RootFlags.invocation(
        parsed, { throw ComposeFailure("no engine is needed") }, { _ in "" }, { _ in 1 })
      return try invocation.quietProject().services.keys.sorted()
    } catch {
      return []
    }
  }
}
