import Flags
import TerminalUI

/// `skiff create`
enum CreateCommand {
  static let entry = CommandEntry("create", "Create a new container") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] IMAGE [COMMAND] [ARG...]", summary: "Create a new container", words: .atLeast(1),
      flags: ContainerFlags.all, aliases: aliases("container create", "create"),
      examples: ["skiff create --name web -p 8080:80 nginx:alpine"], mixesFlagsAndWords: false)
    return Command(syntax) { arguments, session in
      let request = try await RunFailure.told(path) {
        var request = try ContainerRequest.make(arguments, isDetached: false)
        try ContainerCreation.addProxies(to: &request, session)
        return request
      }
      // What the engine refuses is told plainly, with status 1, other than by `run`.
      StandardStream.output.line(
        try await ContainerCreation(arguments: arguments, session: session).create(request))
      return 0
    }
  }
}

/// How `run` and `create` tell that they failed: with status 125, unless the container itself is to blame.
enum RunFailure {
  static func told<Result>(_ path: String, _ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let status as ExitStatus {
      throw status
    } catch {
      let text = message(of: error)
      StandardStream.error.line("\(programName): \(text)\n\nRun '\(path) --help' for more information")
      throw ExitStatus(code: status(for: text))
    }
  }

  /// 127 when the command is not in the image, 126 when it cannot be executed.
  static func status(for text: String) -> Int32 {
    guard text.hasPrefix("Error response from daemon") else { return 125 }
    if ["executable file not found", "no such file or directory", "system cannot find the file specified"]
      .contains(where: text.contains)
    {
      return 127
    }
    return ["permission denied", "is a directory"].contains(where: text.contains) ? 126 : 125
  }
}

extension String {
  /// Whether a text occurs in this one.
  func contains(_ text: String) -> Bool {
    guard !text.isEmpty else { return true }
    let needle = Array(text.utf8)
    let bytes = Array(utf8)
    guard bytes.count >= needle.count else { return false }
    return (0...(bytes.count - needle.count)).contains { start in
      bytes[start..<start + needle.count].elementsEqual(needle)
    }
  }
}
