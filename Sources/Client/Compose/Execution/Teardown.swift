import ComposeModel
import DockerAPI
import DockerClient
import JSON
import Linux

/// Stops and removes containers, dependents before what they depend on.
struct Teardown: Sendable {
  let invocation: Invocation
  let client: DockerClient
  let project: Project?
  let board: ProgressBoard
  var timeout: Int?
  /// Who hears what `pre_stop` hooks write.
  var audience = Hooks.Audience.nobody

  /// Does `body` for each container, those of dependents first.
  func inReverse(
    _ containers: [ObservedContainer], _ body: @escaping @Sendable (ObservedContainer) async throws -> Void
  ) async throws {
    let byName = Dictionary(containers.map { ($0.name, $0) }) { first, _ in first }
    var dependents: [String: Set<String>] = [:]
    for container in containers {
      for other in Self.dependencies(of: container) { dependents[other, default: []].insert(container.name) }
    }
    var graph: [String: Set<String>] = [:]
    for container in containers { graph[container.name] = dependents[container.service] ?? [] }
    try await runInOrder(graph, limit: invocation.parallel) { name in
      if let container = byName[name] { try await body(container) }
    }
  }

  /// The services that the container's service depended on when it was made.
  static func dependencies(of container: ObservedContainer) -> [String] {
    (container.labels[Label.dependsOn] ?? "").split(separator: ",").compactMap { entry in
      entry.split(separator: ":").first.map(String.init)
    }
  }

  func stop(_ container: ObservedContainer) async throws {
    try await board.during(
      "Container \(container.name)", "Stopping", "Stopped", failure: "Error while Stopping"
    ) {
      if invocation.dryRun { return }
      if container.isRunning, let service = project?.services[container.service] {
        try await Hooks(client: client, audience: audience).run("pre_stop", of: service, in: container.id)
      }
      do { try await client.stopContainer(container.id, timeout: timeout) } catch let error as APIError
        where error.isNotFound
      {
        // Somebody else removed it: it runs no more.
      }
    }
  }

  func remove(_ container: ObservedContainer, volumes: Bool) async throws {
    try await board.during(
      "Container \(container.name)", "Removing", "Removed", failure: "Error while Removing"
    ) {
      if invocation.dryRun { return }
      do { try await client.removeContainer(container.id, force: true, volumes: volumes) } catch let error
        as APIError
        where error.isNotFound || (error.isConflict && error.message.contains("is already in progress"))
      {
        // Gone already, as it should be.
      }
    }
  }

  func stopAndRemove(_ container: ObservedContainer, volumes: Bool) async throws {
    if !["exited", "created", "dead"].contains(container.state) { try await stop(container) }
    try await remove(container, volumes: volumes)
  }

  /// Removes a network, volume or image; one that is not there, or is in use, is told and no error.
  func removeResource(_ id: String, _ body: @escaping @Sendable () async throws -> Void) async throws {
    await board.working(id, "Removing")
    if !invocation.dryRun {
      do { try await body() } catch let error as APIError where error.isNotFound {
        return await board.done(id, "Warning: No resource found to remove")
      } catch let error as APIError where error.isConflict || error.message.contains("active endpoints") {
        return await board.warning(id, "Resource is still in use")
      } catch {
        await board.broken(id)
        throw error
      }
    }
    await board.done(id, "Removed")
  }
}
