/// Help pages in Docker's layout, 80 columns wide.
public enum HelpPage {
  static let width = 80

  /// The page of one command.
  public static func text(of command: CommandSyntax) -> String {
    var blocks = [command.usageLines, command.summary]
    if !command.details.isEmpty { blocks.append(command.details) }
    if command.aliases.count > 1 { blocks.append("Aliases:\n  " + command.aliases.joined(separator: ", ")) }
    let examples = command.examples()
    if !examples.isEmpty {
      blocks.append("Examples:\n" + examples.map { "  \($0)" }.joined(separator: "\n"))
    }
    let options = options(command.flags)
    if !options.isEmpty { blocks.append("Options:\n\(options)") }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// A titled list of commands.
  public struct Section: Sendable {
    public let title: String
    public let commands: [(name: String, summary: String)]

    public init(_ title: String, _ commands: [(name: String, summary: String)]) {
      self.title = title
      self.commands = commands
    }
  }

  /// The page of a group of commands.
  public static func text(
    ofGroup path: String, usage: String, summary: String, sections: [Section], flags: [Flag] = []
  ) -> String {
    var blocks = ["Usage:  \(path) \(usage)", summary]
    for section in sections where !section.commands.isEmpty {
      let column = max(11, (section.commands.map(\.name.count).max() ?? 0) + 1)
      let lines = section.commands.map { command in
        "  " + command.name + String(repeating: " ", count: column - command.name.count + 1) + command.summary
      }
      blocks.append("\(section.title):\n" + lines.joined(separator: "\n"))
    }
    let options = options(flags)
    if !options.isEmpty { blocks.append("Global Options:\n\(options)") }
    blocks.append("Run '\(path) COMMAND --help' for more information on a command.")
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// The lines of the Options table, sorted by name.
  public static func options(_ flags: [Flag]) -> String {
    let shown = flags.filter { !$0.isHidden }.sorted { $0.name < $1.name }
    let heads = shown.map { flag in
      let short = flag.short.map { "  -\($0), " } ?? "      "
      return short + "--\(flag.name)" + (flag.typeName.isEmpty ? "" : " \(flag.typeName)")
    }
    let indent = (heads.map(\.count).max() ?? 0) + 3
    return zip(heads, shown).map { head, flag in
      let summary = flag.summary + (flag.shownDefault.map { " (default \($0))" } ?? "")
      let lines = summary.split(separator: "\n").flatMap { wrap(String($0), to: max(24, width - indent)) }
      let separator = "\n" + String(repeating: " ", count: indent)
      return head + String(repeating: " ", count: indent - head.count) + lines.joined(separator: separator)
    }.joined(separator: "\n")
  }

  /// Breaks at spaces. Lines keep five columns free, which a last word may take.
  static func wrap(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var rest = Substring(text)
    while rest.count > width, let space = rest.prefix(width - 5).lastIndex(of: " "), space > rest.startIndex {
      lines.append(String(rest[..<space]))
      rest = rest[rest.index(after: space)...]
    }
    return lines + [String(rest)]
  }
}
