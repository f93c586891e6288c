import ComposeModel
import DockerAPI
import DockerClient
import Linux
import Reactor
import Synchronization
import TerminalUI

/// `up` in the foreground: ends when the containers do, or when the user says so.
struct AttachedSession: Sendable {
  enum ExitRule: Sendable {
    case all
    case anyExit(codeFrom: String?)
    case anyFailure
  }

  let invocation: Invocation
  let client: DockerClient
  let project: Project
  let follower: Follower
  let printer: LogPrinter
  let timeout: Int?
  let rule: ExitRule
  /// Acts when files change; nil where nobody asked for it.
  var watch: FileWatching?

  private enum Outcome: Sendable {
    case started
    case ended(code: Int32, stops: Bool)
    case interrupted
  }

  /// Starts the containers by `start` and stays until the end; the status to exit with.
  func run(_ start: @escaping @Sendable () async throws -> Void) async throws -> Int32 {
    let signals = Signals.stream([Signal.interrupt.rawValue, Signal.terminate.rawValue])
    let filters = Filters([
      "type": ["container"], "label": ["\(Label.project)=\(project.name)", "\(Label.oneOff)=False"],
    ])
    let events = try await client.events(filters: filters)
    let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
      group.addTask { try await self.look(events) }
      if let watch {
        group.addTask {
          await watch.run()
          return .started
        }
      }
      group.addTask {
        for await _ in signals { return .interrupted }
        return .interrupted
      }
      group.addTask {
        try await start()
        return .started
      }
      while let outcome = try await group.next() {
        if case .started = outcome { continue }
        group.cancelAll()
        return outcome
      }
      return Outcome.ended(code: 0, stops: false)
    }
    switch outcome {
    case .started: return 0
    case .ended(let code, let stops):
      // What still runs is attached to until it is stopped.
      if stops {
        let words = "Aborting on container exit..."
        let coloured = invocation.ansi != "never" && Colour.suit(.error)
        StandardStream.error.line(coloured ? Colour.red.paint(words) : words)
        try await stop()
      }
      await follower.drain()
      return code
    case .interrupted: return try await interrupted()
    }
  }

  private func look(_ events: JSONMessages<EventMessage>) async throws -> Outcome {
    var running = try await runningContainers()
    for try await event in events {
      let id = event.actor.id
      let labels = event.actor.attributes
      guard let service = labels[Label.service], project.services[service] != nil else { continue }
      switch event.action {
      case "create":
        // In place of one that is to be stopped: the application goes on.
        guard let replaced = labels[Label.replace] else { continue }
        running.insert(id)
        printer.tell(replaced, "has been recreated")
      case "start":
        running.insert(id)
        // It may have ended again already.
        try? await follower.started(id)
      case "die":
        guard try await tellEnd(of: id, labels) else { continue }
        running.remove(id)
        let code = Int32(labels["exitCode"] ?? "") ?? 0
        if let end = try await end(of: service, code, &running) { return end }
      case "destroy":
        // One that never ran; all others have died before.
        guard running.remove(id) != nil else { continue }
        if running.isEmpty, try await isOver(&running) { return .ended(code: 0, stops: false) }
      default: continue
      }
    }
    return .ended(code: 0, stops: false)
  }

  private func runningContainers() async throws -> Set<String> {
    let containers = try await Observer(client: client).containers(of: project.name, all: false)
    return Set(containers.filter { !$0.isOneOff && project.services[$0.service] != nil }.map(\.id))
  }

  /// Tells that a container has ended; false where it is about to run again.
  private func tellEnd(of id: String, _ labels: [String: String]) async throws -> Bool {
    var state = ContainerState()
    // It may be removed by now, or renamed: the event knows its name.
    if let container = try? await client.inspectContainer(id) { state = container.state }
    let why = state.error.isEmpty ? "" : " (\(state.error))"
    // The engine answers for one that a command restarts when it runs again.
    let isBack = state.restarting || state.running
    let again = isBack ? " (restarting)" : ""
    let name = ContainerName.short(labels["name"] ?? "", labels)
    printer.tell(name, "exited with code \(labels["exitCode"] ?? "0")\(why)\(again)")
    return !isBack
  }

  /// Whether nothing runs any more; what the watch over files has stopped, it starts again.
  private func isOver(_ running: inout Set<String>) async throws -> Bool {
    guard running.isEmpty else { return false }
    guard let watch else { return true }
    if watch.isActing { return false }
    running = try await runningContainers()
    return running.isEmpty
  }

  private func end(of service: String, _ code: Int32, _ running: inout Set<String>) async throws -> Outcome? {
    switch rule {
    case .anyExit(let wanted):
      if let wanted, wanted != service, !running.isEmpty { return .ended(code: 0, stops: true) }
      return .ended(code: wanted == nil || wanted == service ? code : 0, stops: true)
    case .anyFailure where code != 0: return .ended(code: code, stops: true)
    case .all, .anyFailure: return try await isOver(&running) ? .ended(code: 0, stops: false) : nil
    }
  }

  private func stop() async throws {
    let board = ProgressBoard(invocation, title: "Stopping", amid: .logs)
    var teardown = Teardown(invocation: invocation, client: client, project: project, board: board)
    teardown.timeout = timeout
    teardown.audience = .logs(printer)
    let containers = try await Observer(client: client).containers(of: project.name, all: false)
      .filter { !$0.isOneOff && project.services[$0.service] != nil }
    let task = teardown
    try await teardown.inReverse(containers) { try await task.stop($0) }
  }

  private func interrupted() async throws -> Int32 {
    StandardStream.output.line("Gracefully Stopping... press Ctrl+C again to force")
    let again = Signals.stream([Signal.interrupt.rawValue, Signal.terminate.rawValue])
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await self.stop()
        return true
      }
      group.addTask {
        for await _ in again { return false }
        return false
      }
      if try await group.next() == false {
        let containers = try await Observer(client: client).containers(of: project.name, all: false)
        _ = await mapAtOnce(containers) { container in
          // One that ended meanwhile needs no killing.
          try? await self.client.killContainer(container.id)
        }
      }
      group.cancelAll()
    }
    await follower.drain()
    return 130
  }
}
