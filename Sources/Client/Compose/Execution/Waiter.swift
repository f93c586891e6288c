import ComposeModel
import DockerAPI
import DockerClient
import Reactor

/// Waits until a container is what another service, or `--wait`, needs.
struct Waiter: Sendable {
  let client: DockerClient
  let board: ProgressBoard

  /// Asked again after this many milliseconds, growing to the second number.
  private static let pauses = (first: 20, last: 500)
  private static let logLines = 5
  private static let longestLine = 200

  /// How the waiting ends: with a word for the board.
  private enum Ending {
    case reached(String)
    case failed(String, ComposeFailure)
  }

  func wait(for id: String, service: String, _ condition: Dependency.Condition) async throws {
    try await settle(id) { container, name in
      switch condition {
      case .started: container.state.running ? .reached("Started") : nil
      case .healthy: await health(of: container, name)
      case .completed: await completion(of: container, service)
      }
    }
  }

  /// For `up --wait`: runs, and is healthy where it has a health check.
  func waitUntilUp(_ id: String) async throws {
    try await settle(id) { container, name in
      let state = container.state
      guard state.health == nil || state.health?.status == "none" else {
        return await health(of: container, name)
      }
      if state.running { return .reached("Healthy") }
      guard state.status == "exited" else { return nil }
      // What was to be done once is done: that is as good as running.
      if state.exitCode == 0 { return .reached("Exited") }
      return await failure("container \(name) exited (\(state.exitCode))", container)
    }
  }

  /// Waits until `judge` sees an end, and tells it.
  private func settle(_ id: String, _ judge: (ContainerInspect, _ name: String) async -> Ending?) async throws
  {
    var title = ""
    let ending: Ending
    do {
      ending = try await self.ending(id, &title, judge)
    } catch {
      if !title.isEmpty { await board.broken(title) }
      throw error
    }
    switch ending {
    case .reached(let word): await board.done(title, word)
    case .failed(let word, let failure):
      await board.failed(title, word)
      throw failure
    }
  }

  /// `title` is what the board calls the container, as soon as it has been asked for.
  private func ending(
    _ id: String, _ title: inout String, _ judge: (ContainerInspect, _ name: String) async -> Ending?
  ) async throws -> Ending {
    var pause = Self.pauses.first
    while true {
      let container = try await client.inspectContainer(id)
      let name = String(container.name.drop { $0 == "/" })
      let isFirst = title.isEmpty
      title = "Container \(name)"
      if let ending = await judge(container, name) { return ending }
      if isFirst { await board.working(title, "Waiting") }
      try await sleep(milliseconds: pause)
      pause = min(Self.pauses.last, pause * 2)
    }
  }

  private func completion(of container: ContainerInspect, _ service: String) async -> Ending? {
    let state = container.state
    guard state.status == "exited" || state.status == "dead" else { return nil }
    guard state.exitCode != 0 else { return .reached("Exited") }
    let words = "service \"\(service)\" didn't complete successfully: exit \(state.exitCode)"
    return await failure(words, container, told: words)
  }

  private func health(of container: ContainerInspect, _ name: String) async -> Ending? {
    let state = container.state
    guard state.status != "exited", state.status != "dead" else {
      return await failure("container \(name) exited (\(state.exitCode))", container)
    }
    guard let health = state.health, health.status != "none", !health.status.isEmpty else {
      guard state.running else { return nil }
      return .failed("Error", ComposeFailure("container \(name) has no healthcheck configured"))
    }
    switch health.status {
    case "healthy": return .reached("Healthy")
    case "unhealthy":
      let output = health.log.last?.output.split(separator: "\n" as Character).joined(separator: " ") ?? ""
      let words = "container \(name) is unhealthy"
      return .failed("Error", ComposeFailure(output.isEmpty ? words : "\(words): \(output)"))
    default: return nil
    }
  }

  private func failure(
    _ words: String, _ container: ContainerInspect, told: String = "Error"
  ) async -> Ending {
    .failed(told, ComposeFailure(words + (await reason(container))))
  }

  /// Why it ended, where the engine knows, and the last that it said.
  private func reason(_ container: ContainerInspect) async -> String {
    let why = container.state.error
    // That it has failed is what matters: a log that cannot be read says nothing.
    let lines = (try? await client.lastLines(Self.logLines, of: container)) ?? []
    let words = Self.short(lines.last { !$0.allSatisfy(\.isWhitespace) } ?? "")
    return [why, words == Self.short(why) ? "" : words].filter { !$0.isEmpty }.map { ": \($0)" }.joined()
  }

  private static func short(_ line: String) -> String {
    line.count > longestLine ? line.prefix(longestLine) + "..." : line
  }
}
