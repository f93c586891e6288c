import Credentials
import DockerAPI
import DockerClient
import Reactor

/// Names that the engine knows. An engine that does not run, or does not answer soon, knows none: it is not started for
/// this.
enum LiveNames {
  /// In milliseconds.
  private static let patience = 2000

  static func containers(
    _ session: Session, in states: [String] = [], except given: [String] = []
  ) async -> Suggestions {
    await asked(session) { client in
      var filters = Filters()
      if !states.isEmpty { filters.values["status"] = states }
      let all = try await client.containers(all: true, filters: filters)
      return all.compactMap { container in
        guard let name = container.names.first?.dropFirst(), !given.contains(String(name)) else { return nil }
        return .init(String(name), "\(container.image), \(container.status)")
      }
    }
  }

  static func images(_ session: Session, except given: [String] = []) async -> Suggestions {
    await asked(session) { client in
      try await client.images().flatMap { image in
        image.repoTags.filter { $0 != "<none>:<none>" && !given.contains($0) }.map { .init($0) }
      }
    }
  }

  static func networks(_ session: Session, except given: [String] = []) async -> Suggestions {
    await asked(session) { client in
      try await client.networks().map(\.name).filter { !given.contains($0) }.sorted().map { .init($0) }
    }
  }

  static func volumes(_ session: Session, except given: [String] = []) async -> Suggestions {
    await asked(session) { client in
      try await client.volumes().volumes.map(\.name).filter { !given.contains($0) }.sorted().map {
        .init($0)
      }
    }
  }

  static func contexts(_ session: Session) -> Suggestions {
    let all = ContextStore(configDirectory: session.configDirectory).all()
    return Suggestions(
      [.init("default", "This machine's engine")] + all.map { .init($0.name, $0.description) })
  }

  private static func asked(
    _ session: Session, _ body: @escaping @Sendable (DockerClient) async throws -> [Suggestions.Item]
  ) async -> Suggestions {
    do {
      let client = try session.clientWithoutStart()
      return Suggestions(try await withDeadline(milliseconds: patience) { try await body(client) })
    } catch {
      return .nothing
    }
  }
}
