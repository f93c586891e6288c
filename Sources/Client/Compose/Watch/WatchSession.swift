import ComposeModel
import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import TerminalUI

/// Does what the services want when files change, until it is cancelled.
struct WatchSession: Sendable {
  let invocation: Invocation
  let client: DockerClient
  let project: Project
  let rules: [WatchRule]
  let prunes: Bool
  let quiet: Bool

  /// Files are saved together: changes are acted on once nothing has changed for so many milliseconds.
  private static let quietPeriod = 500

  /// Throws where no service wants to be watched, or one wants what cannot be done.
  init(_ invocation: Invocation, _ client: DockerClient, _ project: Project, prunes: Bool, quiet: Bool) throws
  {
    (self.invocation, self.client, self.project) = (invocation, client, project)
    (self.prunes, self.quiet) = (prunes, quiet)
    var rules: [WatchRule] = []
    for service in project.services.values.sorted(by: { $0.name < $1.name }) {
      for rule in try WatchRule.all(of: service, in: project.workingDirectory) {
        guard !rule.action.syncs || !rule.isMounted(in: service) else {
          Warnings.tell(
            "path '\(rule.path)' also declared by a bind mount volume, this path won't be monitored!")
          continue
        }
        rules.append(rule)
      }
    }
    guard !rules.isEmpty else {
      throw ComposeFailure(
        "none of the selected services is configured for watch, consider setting a 'develop' section")
    }
    self.rules = rules
  }

  func run() async throws {
    var trees = try WatchedTrees(rules.map(\.path))
    try await syncFirst()
    tell("Watch enabled")
    var pending: Set<String> = []
    while true {
      let isQuiet = try await waited(trees, isPatient: pending.isEmpty)
      if isQuiet {
        await handle(pending)
        pending = []
      } else {
        pending.formUnion(try trees.changes())
      }
    }
  }

  /// True when the time was over and nothing has changed.
  private func waited(_ trees: WatchedTrees, isPatient: Bool) async throws -> Bool {
    if isPatient {
      try await trees.changed()
      return false
    }
    do {
      try await withDeadline(milliseconds: Self.quietPeriod) { try await trees.changed() }
      return false
    } catch is DeadlineExceeded {
      return true
    }
  }

  /// `initial_sync`: what is newer than the image is copied.
  private func syncFirst() async throws {
    let sync = FileSync(client: client, project: project.name)
    for rule in rules where rule.syncsFirst && rule.action.syncs {
      let path = rule.path
      let paths = try await blocking { try Self.files(path) }
      let chosen = try await sync.newer(paths, thanImageOf: rule.service)
      let copies = WatchBatch(chosen, [rule]).copies[rule.service] ?? []
      if !copies.isEmpty { try await sync.run(copies, in: rule.service) }
    }
  }

  private static func files(_ path: String, depth: Int = 0) throws -> Set<String> {
    // One that has gone is told as it was.
    guard depth < 256, (try? Files.linkStatus(path))?.kind == .directory else { return [path] }
    var files: Set<String> = []
    for name in try Files.names(in: path) {
      files.formUnion(try Self.files("\(path)/\(name)", depth: depth + 1))
    }
    return files
  }

  /// A batch that fails is told about; the next one may do better.
  private func handle(_ paths: Set<String>) async {
    let batch = WatchBatch(paths, rules)
    do {
      if !batch.rebuilds.isEmpty { try await rebuild(batch.rebuilds) }
      try await copy(batch)
      if !batch.restarts.isEmpty {
        _ = try await compose("restart", batch.restarts)
        tell("service(s) \(Self.list(batch.restarts)) restarted")
      }
      try await runHooks(batch)
    } catch {
      Warnings.tell("Error handling changed files: \(ComposeCommand.words(of: error))")
    }
  }

  private func copy(_ batch: WatchBatch) async throws {
    let sync = FileSync(client: client, project: project.name)
    for (service, copies) in batch.copies.sorted(by: { $0.key < $1.key }) {
      tell("Syncing service \"\(service)\" after \(copies.count) changes were detected")
      try await sync.run(copies, in: service)
    }
  }

  private func runHooks(_ batch: WatchBatch) async throws {
    let sync = FileSync(client: client, project: project.name)
    let hooks = Hooks(client: client)
    for place in batch.hooks {
      for container in try await sync.containers(of: rules[place].service) {
        try await hooks.run([rules[place].hook], in: container.id)
      }
    }
  }

  private func rebuild(_ services: [String]) async throws {
    tell("Rebuilding service(s) \(Self.list(services)) after changes were detected...")
    let before = try await images(of: services)
    do {
      _ = try await compose("build", (quiet ? ["--quiet"] : []) + services)
    } catch {
      tell("Build failed. Error: \(ComposeCommand.words(of: error))")
      throw error
    }
    tell("service(s) \(Self.list(services)) successfully built")
    _ = try await compose("up", ["--detach", "--no-build", "--no-deps", "--force-recreate"] + services)
    guard prunes else { return }
    for image in before.subtracting(try await images(of: services)) {
      // One that somebody else uses, or has named, stays.
      _ = try? await client.removeImage(image)
    }
  }

  private func images(of services: [String]) async throws -> Set<String> {
    Set(
      try await Observer(client: client).containers(of: project.name)
        .filter { services.contains($0.service) && !$0.isOneOff }.map(\.summary.imageID))
  }

  /// Another command of compose, for the same project.
  private func compose(_ name: String, _ words: [String]) async throws -> Int32 {
    guard let command = ComposeCommand.commands.first(where: { $0.name == name }) else { return 0 }
    return try await command.run(try Subcommand.parse(command.syntax("compose \(name)"), words), invocation)
  }

  private func tell(_ words: String) { StandardStream.output.line(words) }

  private static func list(_ names: [String]) -> String {
    "[\(names.map { "\"\($0)\"" }.joined(separator: " "))]"
  }
}
