import ComposeModel
import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import Synchronization
import TerminalUI

/// Does what the services want when files change, until it is cancelled.
struct WatchSession: Sendable {
  /// The logs of an `up` that the watch stands beside.
  struct Logs: Sendable {
    let printer: LogPrinter
    /// Called ahead of each start, as `Arrival.create` does.
    let beforeStart: @Sendable (_ service: String, _ name: String, _ id: String) async throws -> Void
  }

  let invocation: Invocation
  let client: DockerClient
  let project: Project
  let rules: [WatchRule]
  let prunes: Bool
  let quiet: Bool
  /// Nil where the watch has the terminal alone.
  var logs: Logs?
  private let acting = Acting()
  private let sync: FileSync

  /// Files are saved together: changes are acted on once nothing has changed for so many milliseconds.
  private static let quietPeriod = 500

  /// Throws where no service wants to be watched, or one wants what cannot be done.
  init(_ invocation: Invocation, _ client: DockerClient, _ project: Project, prunes: Bool, quiet: Bool) throws
  {
    (self.invocation, self.client, self.project) = (invocation, client, project)
    (self.prunes, self.quiet) = (prunes, quiet)
    sync = FileSync(invocation: invocation, client: client, project: project.name)
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

  /// Whether changes are being acted on: containers may end that are about to come back.
  var isActing: Bool { acting.now }

  /// Sees what is there and copies what is wanted at the start; from now on changes are noted.
  func begin() async throws -> WatchedTrees {
    let start = try await WatchedTrees.begin(rules.map(\.path))
    try await syncFirst(start.found)
    tell("Watch enabled")
    return start.trees
  }

  func run(_ trees: WatchedTrees) async throws {
    var trees = trees
    var pending: Set<String> = []
    while true {
      let isQuiet = try await waited(trees, isPatient: pending.isEmpty)
      if isQuiet {
        await handle(pending)
        pending = []
      } else {
        pending.formUnion(try await trees.changes())
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
  private func syncFirst(_ found: Set<String>) async throws {
    for rule in rules where rule.syncsFirst && rule.action.syncs {
      let copies = await blocking { WatchBatch(found, [rule]).copies[rule.service] ?? [] }
      let newer = try await sync.newer(copies, thanImageOf: rule.service)
      if !newer.isEmpty { try await sync.run(newer, in: rule.service) }
    }
  }

  /// A batch that fails is told about; the next one may do better.
  private func handle(_ paths: Set<String>) async {
    let batch = WatchBatch(paths, rules)
    acting.set(true)
    defer { acting.set(false) }
    do {
      if !batch.rebuilds.isEmpty { try await rebuild(batch.rebuilds) }
      try await copy(batch)
      if !batch.restarts.isEmpty {
        _ = try await LifecycleCommands.restart.call(batch.restarts, ownInvocation)
        tell("service(s) \(Self.list(batch.restarts)) restarted")
      }
      try await runHooks(batch)
    } catch {
      if Task.isCancelled { return }
      Warnings.tell("Error handling changed files: \(ComposeCommand.words(of: error))")
    }
  }

  private func copy(_ batch: WatchBatch) async throws {
    for (service, copies) in batch.copies.sorted(by: { $0.key < $1.key }) {
      tell("Syncing service \"\(service)\" after \(copies.count) changes were detected")
      try await sync.run(copies, in: service)
    }
  }

  private func runHooks(_ batch: WatchBatch) async throws {
    let hooks = Hooks(client: client, audience: .user)
    for place in batch.hooks {
      let rule = rules[place]
      for container in try await sync.containers(of: rule.service) where container.isRunning {
        try await hooks.run([rule.hook], of: rule.service, in: container.id)
      }
    }
  }

  private func rebuild(_ services: [String]) async throws {
    tell("Rebuilding service(s) \(Self.list(services)) after changes were detected...")
    let before = try await images(of: services)
    var narrowed = project
    try narrowed.select(services, with: .none)
    do {
      try await build(narrowed)
    } catch {
      tell("Build failed. Error: \(ComposeCommand.words(of: error))")
      throw error
    }
    tell("service(s) \(Self.list(services)) successfully built")
    let words = ["--detach", "--no-build", "--no-deps", "--force-recreate"] + services
    let arguments = try Subcommand.parse(UpCommand.entry.syntax("compose up"), words)
    var arrival = try Arrival(arguments, ownInvocation, narrowed)
    try await arrival.create(starts: true, before: logs?.beforeStart)
    guard prunes else { return }
    for image in before.subtracting(try await images(of: services)) {
      // One that somebody else uses, or has named, stays.
      _ = try? await client.removeImage(image)
    }
  }

  private func build(_ project: Project) async throws {
    var options = ImageSupply.BuildOptions()
    options.quiet = quiet
    if let printer = logs?.printer { options.tell = { printer.tellOfWatch($0) } }
    let supply = ImageSupply(invocation: ownInvocation, client: client, project: project)
    try await supply.build(Array(project.services.values), options)
  }

  /// Beside logs the progress of what is done is not shown.
  private var ownInvocation: Invocation {
    guard logs != nil else { return invocation }
    var own = invocation
    own.progress = "quiet"
    return own
  }

  private func images(of services: [String]) async throws -> Set<String> {
    let containers = try await invocation.containers(of: services, client, project: project.name)
    return Set(containers.map(\.summary.imageID))
  }

  func tell(_ words: String) {
    if let logs { logs.printer.tellOfWatch(words) } else { StandardStream.output.line(words) }
  }

  private static func list(_ names: [String]) -> String {
    "[\(names.map { "\"\($0)\"" }.joined(separator: " "))]"
  }
}

/// Whether something is under way.
private final class Acting: Sendable {
  private let state = Mutex(false)
  var now: Bool { state.withLock { $0 } }
  func set(_ value: Bool) { state.withLock { $0 = value } }
}
