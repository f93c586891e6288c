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

  func wait(for id: String, service: String, _ condition: Dependency.Condition) async throws {
    var name = String(id.prefix(12))
    var told = false
    var pause = Self.pauses.first
    while true {
      let container = try await client.inspectContainer(id)
      name = String(container.name.drop { $0 == "/" })
      if try await isMet(condition, container, name, service) { return }
      if !told {
        await board.working("Container \(name)", "Waiting")
        told = true
      }
      try await sleep(milliseconds: pause)
      pause = min(Self.pauses.last, pause * 2)
    }
  }

  private func isMet(
    _ condition: Dependency.Condition, _ container: ContainerInspect, _ name: String, _ service: String
  ) async throws -> Bool {
    let state = container.state
    switch condition {
    case .started: return state.running
    case .healthy: return try await isHealthy(container, name)
    case .completed:
      guard state.status == "exited" || state.status == "dead" else { return false }
      guard state.exitCode == 0 else {
        await board.failed(
          "Container \(name)", "service \"\(service)\" didn't complete successfully: exit \(state.exitCode)")
        throw ComposeFailure(
          "service \"\(service)\" didn't complete successfully: exit \(state.exitCode)"
            + (await reason(container)))
      }
      await board.done("Container \(name)", "Exited")
      return true
    }
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

  private func isHealthy(_ container: ContainerInspect, _ name: String) async throws -> Bool {
    let state = container.state
    guard state.status != "exited", state.status != "dead" else {
      await board.failed("Container \(name)")
      throw ComposeFailure("container \(name) exited (\(state.exitCode))" + (await reason(container)))
    }
    guard let health = state.health, health.status != "none", !health.status.isEmpty else {
      guard state.running else { return false }
      await board.failed("Container \(name)")
      throw ComposeFailure("container \(name) has no healthcheck configured")
    }
    switch health.status {
    case "healthy":
      await board.done("Container \(name)", "Healthy")
      return true
    case "unhealthy":
      await board.failed("Container \(name)")
      let output =
        health.log.last.map { ": " + $0.output.split(separator: "\n" as Character).joined(separator: " ") }
        ?? ""
      throw ComposeFailure("container \(name) is unhealthy" + (output == ": " ? "" : output))
    default: return false
    }
  }

  /// For `up --wait`: runs, and is healthy where it has a health check.
  func waitUntilUp(_ id: String) async throws {
    var told = false
    var pause = Self.pauses.first
    while true {
      let container = try await client.inspectContainer(id)
      let name = String(container.name.drop { $0 == "/" })
      if container.state.health == nil || container.state.health?.status == "none" {
        if container.state.running {
          await board.done("Container \(name)", "Healthy")
          return
        }
        if container.state.status == "exited" {
          // What was to be done once is done: that is as good as running.
          if container.state.exitCode == 0 {
            await board.done("Container \(name)", "Exited")
            return
          }
          throw ComposeFailure(
            "container \(name) exited (\(container.state.exitCode))" + (await reason(container)))
        }
      } else if try await isHealthy(container, name) {
        return
      }
      if !told { await board.working("Container \(name)", "Waiting") }
      told = true
      try await sleep(milliseconds: pause)
      pause = min(Self.pauses.last, pause * 2)
    }
  }
}
