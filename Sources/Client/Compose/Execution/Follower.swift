import ComposeModel
import DockerAPI
import DockerClient
import Linux
import TerminalUI

/// Shows the output of a project's containers as they come and go.
actor Follower {
  private let client: DockerClient
  private let services: Set<String>
  private let printer: LogPrinter
  private var tasks: [String: Task<Void, Never>] = [:]
  /// Containers that are attached to for a start that is still to come.
  private var awaited: Set<String> = []

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
    var options = LogOptions()
    options.follow = true
    options.tty = container.config.tty
    options.since = try Moments.query(container.state.startedAt)
    do {
      show(try await client.containerLogs(container.id, options), of: container)
    } catch let error as APIError where !error.isNotFound {
      // Its log cannot be read: the first words may be missed.
      show(try await attachment(container), of: container)
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

  /// Shows pieces after those that came before are at their end.
  private func show<Pieces: AsyncSequence & Sendable>(_ pieces: Pieces, of container: ContainerInspect)
  where Pieces.Element == ContainerOutput {
    let (name, printer, before) = (container.shortName, printer, tasks[container.id])
    printer.register([name])
    tasks[container.id] = Task {
      await before?.value
      do {
        for try await piece in pieces {
          printer.take(piece.bytes, of: name, piece.stream == .stdout ? .output : .error)
        }
      } catch {
        // The connection ends with the container or with us.
      }
      printer.finish(name)
    }
  }

  /// Waits until what is attached has been shown to its end.
  func drain() async {
    for task in tasks.values { await task.value }
  }
}
