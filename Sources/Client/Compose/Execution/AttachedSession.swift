import ComposeModel
import DockerAPI
import DockerClient
import Linux
import Reactor
import TerminalUI

/// Shows the output of a project's containers as they come and go.
actor Follower {
  private let client: DockerClient
  private let project: Project
  private let services: Set<String>
  private let printer: LogPrinter
  private let timestamps: Bool
  private var tasks: [String: Task<Void, Never>] = [:]

  init(client: DockerClient, project: Project, services: Set<String>, printer: LogPrinter, timestamps: Bool) {
    self.client = client
    self.project = project
    self.services = services
    self.printer = printer
    self.timestamps = timestamps
  }

  /// Shows a container's output from now on; to be called before it starts, or again after a restart.
  func attach(_ id: String) async throws {
    let container = try await client.inspectContainer(id)
    guard tasks[container.id] == nil else { return }
    let labels = container.config.labels ?? [:]
    guard services.contains(labels[Label.service] ?? "") else { return }
    let name = shortName(container)
    printer.register([name])
    var options = AttachOptions()
    options.tty = container.config.tty
    let streams = try await client.attachContainer(container.id, options)
    let printer = printer
    tasks[container.id] = Task {
      do {
        for try await piece in streams {
          printer.take(piece.bytes, of: name, piece.stream == .stdout ? .output : .error)
        }
      } catch {
        // The connection ends with the container or with us.
      }
      printer.finish(name)
      self.ended(container.id)
    }
  }

  private func ended(_ id: String) { tasks[id] = nil }

  func shortName(_ container: ContainerInspect) -> String {
    let name = String(container.name.drop { $0 == "/" })
    for separator in ["-", "_"] where name.hasPrefix(project.name + separator) {
      return String(name.dropFirst(project.name.count + 1))
    }
    return name
  }

  /// Waits until what is attached has been shown to its end.
  func drain() async {
    for task in tasks.values { await task.value }
  }
}

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
      group.addTask { try await self.watch(events) }
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
      if stops { try await stop() }
      await follower.drain()
      return code
    case .interrupted: return try await interrupted()
    }
  }

  private func watch(_ events: JSONMessages<EventMessage>) async throws -> Outcome {
    var running = Set(
      try await Observer(client: client).containers(of: project.name, all: false)
        .filter { !$0.isOneOff && project.services[$0.service] != nil }.map(\.id))
    for try await event in events {
      let id = event.actor.id
      let service = event.actor.attributes[Label.service] ?? ""
      guard project.services[service] != nil else { continue }
      switch event.action {
      case "start":
        running.insert(id)
        // It may have ended again already.
        try? await follower.attach(id)
      case "die":
        running.remove(id)
        let code = Int32(event.actor.attributes["exitCode"] ?? "") ?? 0
        // The container may be removed by now; then it has nothing more to say.
        guard let container = try? await client.inspectContainer(id) else { continue }
        let why = container.state.error.isEmpty ? "" : " (\(container.state.error))"
        printer.tell(await follower.shortName(container), "exited with code \(code)\(why)")
        if container.state.restarting { continue }
        if let end = end(of: service, code, running.isEmpty) { return end }
      default: continue
      }
    }
    return .ended(code: 0, stops: false)
  }

  private func end(of service: String, _ code: Int32, _ isLast: Bool) -> Outcome? {
    switch rule {
    case .all: return isLast ? .ended(code: 0, stops: false) : nil
    case .anyExit(let wanted):
      if let wanted, wanted != service, !isLast { return .ended(code: 0, stops: true) }
      return .ended(code: wanted == nil || wanted == service ? code : 0, stops: true)
    case .anyFailure:
      if code != 0 { return .ended(code: code, stops: true) }
      return isLast ? .ended(code: 0, stops: false) : nil
    }
  }

  private func stop() async throws {
    let board = ProgressBoard(invocation, title: "Stopping", amid: .logs)
    var teardown = Teardown(invocation: invocation, client: client, project: project, board: board)
    teardown.timeout = timeout
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
