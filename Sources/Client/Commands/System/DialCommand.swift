import DockerClient
import Flags
import Linux
import Reactor
import TerminalUI

/// `skiff system dial-stdio`: standard input and output become a connection to the engine. What ssh:// hosts run on the
/// far side.
enum DialCommand {
  static let entry = CommandEntry(
    "dial-stdio", "Proxy the stdio stream to the daemon connection. Should not be invoked manually."
  ) { path in
    let syntax = CommandSyntax(
      path, "", summary: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
      words: .none)
    return Command(syntax) { _, session in
      // Starts the engine where that is for us to do.
      let connection = try await session.engine().dial()
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          let input = AsyncDescriptor(shared: try StandardStream.input.duplicate())
          while case let bytes = try await input.read(), !bytes.isEmpty { try await connection.write(bytes) }
          connection.shutdownWrite()
          return false
        }
        group.addTask {
          while case let bytes = try await connection.read(), !bytes.isEmpty {
            StandardStream.output.write(bytes)
          }
          return true
        }
        defer { group.cancelAll() }
        // The engine's end is the end; ours is not.
        while let isOver = try await group.next(), !isOver {}
      }
      return 0
    }
  }
}
