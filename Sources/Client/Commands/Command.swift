import Flags

/// One command: its grammar and what it does.
struct Command: Sendable {
  let syntax: CommandSyntax
  /// Returns the status to exit with.
  let run: @Sendable (Arguments, Session) async throws -> Int32

  init(_ syntax: CommandSyntax, _ run: @escaping @Sendable (Arguments, Session) async throws -> Int32) {
    var syntax = syntax
    syntax.examples = { [own = syntax.examples, path = syntax.path] in
      let lines = own()
      return lines.isEmpty ? Examples.of(path) : lines
    }
    self.syntax = syntax
    self.run = run
  }
}

/// A name in a group of commands. What it stands for is made only when it is called.
struct CommandEntry: Sendable {
  enum Content: Sendable {
    /// `path` is how the command was reached, as `skiff container ls`.
    case command(@Sendable (_ path: String) -> Command)
    case group(@Sendable () -> [CommandEntry])
    /// A command that reads its own command line.
    case foreign(@Sendable (_ arguments: [String], Session) async throws -> Int32)
  }

  let name: String
  let aliases: [String]
  let summary: String
  let content: Content

  init(
    _ name: String, aliases: [String] = [], _ summary: String, _ make: @escaping @Sendable (String) -> Command
  ) {
    self.init(name, aliases, summary, .command(make))
  }

  init(
    _ name: String, aliases: [String] = [], _ summary: String, group: @escaping @Sendable () -> [CommandEntry]
  ) {
    self.init(name, aliases, summary, .group(group))
  }

  init(
    _ name: String, _ summary: String, foreign: @escaping @Sendable ([String], Session) async throws -> Int32
  ) {
    self.init(name, [], summary, .foreign(foreign))
  }

  private init(_ name: String, _ aliases: [String], _ summary: String, _ content: Content) {
    self.name = name
    self.aliases = aliases
    self.summary = summary
    self.content = content
  }

  func isCalled(_ word: String) -> Bool { name == word || aliases.contains(word) }

  /// The same command under another name, as `ps` for `container ls`.
  func renamed(_ name: String, _ summary: String? = nil) -> CommandEntry {
    CommandEntry(name, [], summary ?? self.summary, content)
  }
}

/// The name of the program in help and messages.
let programName = "skiff"

/// All paths to a command, for its help page.
func aliases(_ paths: String...) -> [String] { paths.map { "\(programName) \($0)" } }
