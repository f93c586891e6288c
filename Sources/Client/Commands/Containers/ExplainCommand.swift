import DockerAPI
import DockerClient
import Flags
import Linux
import TerminalUI

/// `skiff explain`: how a container is, and why.
enum ExplainCommand {
  private static let logLines = 5

  static let entry = CommandEntry("explain", "Say how a container is, and why") { path in
    let syntax = CommandSyntax(
      path, "CONTAINER [CONTAINER...]", summary: "Say how a container is, and why", words: .atLeast(1),
      aliases: aliases("container explain", "explain"), examples: ["skiff explain web"])
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      return await forEach(arguments.words) { name in try await text(name, client) }
    }
  }

  private static func text(_ name: String, _ client: DockerClient) async throws -> String {
    let container = try await client.inspectContainer(name)
    let line = try await client.containers(
      all: true, filters: Filters(["id": [container.id]]), notes: true
    ).first
    let title = "\(container.name.drop { $0 == "/" }): \(line?.status ?? container.state.status)"
    var lines = Explanation.lines(container, line?.notes)
    if Explanation.wantsLog(container.state) { lines += try await lastWords(container, client) }
    if let restarts = Explanation.restarts(container) { lines.append(restarts) }
    return ([title] + lines.map { "  \($0)" }).joined(separator: "\n")
  }

  private static func lastWords(_ container: ContainerInspect, _ client: DockerClient) async throws
    -> [String]
  {
    do {
      let lines = try await client.lastLines(logLines, of: container)
      return lines.isEmpty ? ["it has written nothing"] : ["its last words:"] + lines.map { "  \($0)" }
    } catch let error as APIError {
      return ["its log cannot be read: \(error)"]
    }
  }
}

/// What can be said of a container; pure.
enum Explanation {
  /// - Parameter notes: the engine's own, where it makes some.
  static func lines(_ container: ContainerInspect, _ notes: [ContainerNote]?) -> [String] {
    let state = container.state
    var lines = notes.map { $0.map(\.text) } ?? ownNotes(state)
    if lines.isEmpty || notes?.contains(where: { $0.kind == .end || $0.kind == .deaf }) == false,
      !state.running,
      state.status != "created"
    {
      lines.append(meaning(state.exitCode, state.oomKilled))
    }
    if lines.isEmpty {
      lines.append(state.running ? "nothing is known against it" : "it has not been started")
    }
    return lines
  }

  /// How often its shim has started it again, and who wanted that; nil for never.
  static func restarts(_ container: ContainerInspect) -> String? {
    let count = container.restartCount
    guard count > 0 else { return nil }
    let policy = container.hostConfig.restartPolicy.name
    let hasPolicy = !policy.isEmpty && policy != "no"
    let mindsHealth = container.config.labels?[ContainerRequest.unhealthyLabel] == "restart"
    let reason =
      switch (hasPolicy, mindsHealth) {
      case (_, false): "by its restart policy"
      case (false, true): "because it was unhealthy"
      case (true, true): "by its restart policy or because it was unhealthy"
      }
    return "started again \(count == 1 ? "once" : "\(count) times") \(reason)"
  }

  /// Of an engine that makes no notes.
  private static func ownNotes(_ state: ContainerState) -> [String] {
    var lines = state.error.isEmpty ? [] : [state.error]
    if let health = state.health, health.status == "unhealthy" {
      lines.append(
        "unhealthy: " + (health.log.last?.output ?? "").split { $0.isWhitespace }.joined(separator: " "))
    }
    return lines
  }

  /// Its own words help where it failed by itself.
  static func wantsLog(_ state: ContainerState) -> Bool {
    !state.running && state.exitCode != 0 && state.status != "created"
  }

  private static func meaning(_ code: Int, _ outOfMemory: Bool) -> String {
    if outOfMemory { return "the kernel killed a process of it, because its memory limit was reached" }
    switch code {
    case 0: return "its command has ended with success"
    case 126: return "its command is there and cannot be executed, or said so (126)"
    case 127: return "its command was not found, or did not find another (127)"
    case 137:
      return
        "it was killed by SIGKILL: by kill or rm -f, or because it did not end in time when it was stopped"
    case 139: return "it crashed: SIGSEGV"
    case 129...192: return "it was ended by \(Signal(rawValue: Int32(code - 128)))"
    default: return "its command has ended by itself with status \(code)"
    }
  }
}
