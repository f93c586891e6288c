import DockerAPI
import DockerClient
import TerminalUI

/// What the engine notes of containers, on standard error and for people only: scripts see what docker shows.
enum NoteLines {
  private static let most = 5

  static var areWanted: Bool { StandardStream.error.isTerminal && StandardStream.output.isTerminal }

  static func tell(of containers: [ContainerSummary], whenStopped: Bool = false) {
    guard areWanted else { return }
    let lines = containers.flatMap { $0.noteLines(whenStopped: whenStopped) }
    for line in lines.prefix(most) { StandardStream.error.line(line) }
    if lines.count > most {
      StandardStream.error.line("and \(lines.count - most) more: skiff explain CONTAINER")
    }
  }

  static func tell(
    of container: String, _ client: DockerClient, whenStopped: Bool = false
  ) async throws {
    guard areWanted else { return }
    tell(of: try await summaries(of: container, client), whenStopped: whenStopped)
  }

  /// The container's line of `ps`, with notes where the engine makes some.
  static func summaries(of container: String, _ client: DockerClient) async throws -> [ContainerSummary] {
    let id = try await client.inspectContainer(container).id
    return try await client.containers(all: true, filters: Filters(["id": [id]]), notes: true)
  }
}
