import DockerAPI
import DockerClient
import Flags
import TerminalUI

/// `skiff top`
enum TopCommand {
  static let entry = CommandEntry("top", "Display the running processes of a container") { path in
    let syntax = CommandSyntax(
      path, "CONTAINER [ps OPTIONS]", summary: "Display the running processes of a container",
      words: .atLeast(1),
      aliases: aliases("container top", "top"), mixesFlagsAndWords: false)
    return Command(syntax) { arguments, session in
      let answer = try await session.engine().top(
        arguments.words[0], psArguments: arguments.words.dropFirst().joined(separator: " "))
      let lines = ([answer.titles] + answer.processes).map { $0.joined(separator: "\t") }
      StandardStream.output.write(Table.layOut(lines, minimum: 20, padding: 3))
      return 0
    }
  }
}

/// `skiff diff`
enum DiffCommand {
  static let entry = CommandEntry(
    "diff", "Inspect changes to files or directories on a container's filesystem"
  ) { path in
    let syntax = CommandSyntax(
      path, "CONTAINER", summary: "Inspect changes to files or directories on a container's filesystem",
      words: .exactly(1),
      aliases: aliases("container diff", "diff"))
    return Command(syntax) { arguments, session in
      for change in try await session.engine().containerChanges(arguments.words[0]) {
        StandardStream.output.line("\(["C", "A", "D"][min(max(change.kind, 0), 2)]) \(change.path)")
      }
      return 0
    }
  }
}

/// `skiff port`
enum PortCommand {
  static let entry = CommandEntry("port", "List port mappings or a specific mapping for the container") {
    path in
    let syntax = CommandSyntax(
      path, "CONTAINER [PRIVATE_PORT[/PROTO]]",
      summary: "List port mappings or a specific mapping for the container",
      words: .between(1, 2), aliases: aliases("container port", "port"))
    return Command(syntax) { arguments, session in
      let ports = try await session.engine().inspectContainer(arguments.words[0]).networkSettings.ports
      func shown(_ key: String) -> [String] {
        (ports[key] ?? []).map { "\(PortList.host($0.hostIP)):\($0.hostPort)" }
      }
      if arguments.words.count > 1 {
        let wanted = arguments.words[1]
        if let complaint = PortFlags.complaint(about: wanted) {
          throw CommandFailure("Error: invalid port (\(wanted)): \(complaint)")
        }
        let key = wanted.contains("/") ? wanted : "\(wanted)/tcp"
        let found = shown(key)
        guard !found.isEmpty else {
          throw CommandFailure("Error: No public port '\(wanted)' published for \(arguments.words[0])")
        }
        for line in found { StandardStream.output.line(line) }
        return 0
      }
      for key in ports.keys.sorted(by: isBefore) {
        for line in shown(key) { StandardStream.output.line("\(key) -> \(line)") }
      }
      return 0
    }
  }

  /// By number, not by letters.
  private static func isBefore(_ left: String, _ right: String) -> Bool {
    func number(_ key: String) -> Int { Int(key.prefix { $0.isNumber }) ?? 0 }
    return (number(left), left) < (number(right), right)
  }
}
