import ComposeModel
import DockerAPI
import DockerClient
import Linux
import TerminalUI
import TextFormats

/// Shows the output of a project's containers as they come and go.
actor Follower {
  private let client: DockerClient
  private let services: Set<String>
  private let printer: LogPrinter
  private var tasks: [String: Task<Void, Never>] = [:]
  /// Containers that are attached to for a start that is still to come.
  private var awaited: Set<String> = []
  /// The ends of runs whose output has been shown, by the engine's clock.
  private var shownUntil: [String: Timestamp] = [:]

  init(client: DockerClient, services: Set<String>, printer: LogPrinter) {
    self.client = client
    self.services = services
    self.printer = printer
  }

  /// Shows a container's output from its next start on.
  func attach(_ id: String) async throws {
    guard let container = try await shown(id) else { return }
    awaited.insert(container.id)
    show(try await attachment(container), of: container)
  }

  /// Shows the output of a container that runs from now on.
  func join(_ id: String) async throws {
    guard let container = try await shown(id) else { return }
    show(try await attachment(container), of: container)
  }

  /// A container has started: what it has written since is shown, unless it was attached to before.
  func started(_ id: String) async throws {
    guard awaited.remove(id) == nil, let container = try await shown(id) else { return }
    follow(container, after: tasks[container.id])
  }

  private func follow(_ container: ContainerInspect, after before: Task<Void, Never>?) {
    let start = Timestamp(rfc3339: container.state.startedAt)
    printer.register([container.shortName])
    tasks[container.id] = Task {
      await before?.value
      // Some engines' logs go on over restarts.
      if let start, let until = shownUntil[container.id], until.nanoseconds >= start.nanoseconds { return }
      do {
        await print(try await log(container), of: container)
      } catch {
        // It is gone, and said nothing that could still be shown.
      }
    }
  }

  private func log(_ container: ContainerInspect) async throws -> any ContainerOutputs {
    var options = LogOptions()
    options.follow = true
    options.tty = container.config.tty
    options.since = try Moments.query(container.state.startedAt)
    do {
      return try await client.containerLogs(container.id, options)
    } catch let error as APIError where !error.isNotFound {
      // Its log cannot be read: the first words may be missed.
      return try await attachment(container)
    }
  }

  /// The container, if it is one whose output is shown.
  private func shown(_ id: String) async throws -> ContainerInspect? {
    let container = try await client.inspectContainer(id)
    guard services.contains(container.config.labels?[Label.service] ?? "") else { return nil }
    return container
  }

  private func attachment(_ container: ContainerInspect) async throws -> AttachedStreams {
    var options = AttachOptions()
    options.tty = container.config.tty
    return try await client.attachContainer(container.id, options)
  }

  private func show(_ streams: AttachedStreams, of container: ContainerInspect) {
    let before = tasks[container.id]
    printer.register([container.shortName])
    tasks[container.id] = Task {
      await before?.value
      await print(streams, of: container)
    }
  }

  private func print(_ pieces: any ContainerOutputs, of container: ContainerInspect) async {
    let name = container.shortName
    do {
      try await pieces.forEach { printer.take($0.bytes, of: name, $0.stream == .stdout ? .output : .error) }
    } catch {
      // The connection ends with the container or with us.
    }
    printer.finish(name)
    // One that is gone has nothing more to show.
    let state = try? await client.inspectContainer(container.id).state
    shownUntil[container.id] = (state?.finishedAt).flatMap { Timestamp(rfc3339: $0) }
  }

  /// Waits until what is attached has been shown to its end.
  func drain() async {
    for task in tasks.values { await task.value }
  }
}

/// What containers write, from wherever it comes.
private protocol ContainerOutputs: Sendable {
  func forEach(_ body: (ContainerOutput) -> Void) async throws
}

extension AttachedStreams: ContainerOutputs {
  fileprivate func forEach(_ body: (ContainerOutput) -> Void) async throws {
    for try await piece in self { body(piece) }
  }
}

extension OutputSequence: ContainerOutputs {
  fileprivate func forEach(_ body: (ContainerOutput) -> Void) async throws {
    for try await piece in self { body(piece) }
  }
}
