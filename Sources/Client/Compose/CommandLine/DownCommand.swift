import ComposeModel
import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import TerminalUI

enum DownCommand {
  static let entry = Subcommand(
    "down", "Stop and remove containers, networks", usage: "[SERVICES]",
    flags: [
      .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
      .string(
        "rmi",
        "Remove images used by services. \"local\" remove only images that don't have a custom tag (\"local\"|\"all\")"
      ),
      SharedFlags.timeout,
      .bool(
        "volumes|v",
        "Remove named volumes declared in the \"volumes\" section of the Compose file and anonymous volumes attached to containers"
      ),
    ]
  ) { arguments, invocation in
    let rmi = arguments.string("rmi")
    guard ["", "all", "local"].contains(rmi) else {
      throw ComposeFailure("invalid value for --rmi: \"\(rmi)\"")
    }
    var unused = invocation
    unused.source.keepsUnused = true
    let (project, name) = try unused.projectOrName()
    let departure = Departure(arguments: arguments, invocation: invocation, project: project, name: name)
    try await departure.run()
    return 0
  }
}

/// One `down` on its way.
private struct Departure {
  let arguments: Arguments
  let invocation: Invocation
  let project: Project?
  let name: String

  func run() async throws {
    let client = try await invocation.connect()
    let board = ProgressBoard(invocation)
    var teardown = Teardown(invocation: invocation, client: client, project: project, board: board)
    teardown.timeout = SharedFlags.timeout(arguments)
    let all = try await Observer(client: client).containers(of: name)
    if let project { try invocation.checkServices(arguments.words, project, all) }
    let containers = all.filter(isMine)
    let volumes = arguments.bool("volumes")
    let task = teardown
    try await teardown.inReverse(containers) { try await task.stopAndRemove($0, volumes: volumes) }
    var removals: [(id: String, body: @Sendable () async throws -> Void)] = []
    if arguments.words.isEmpty {
      removals += try await networks(client)
      if volumes { removals += try await self.volumes(client) }
    }
    removals += try await images(client, containers)
    if containers.isEmpty, removals.isEmpty {
      StandardStream.error.line("Warning: No resource found to remove for project \"\(name)\".")
      return
    }
    let work = removals
    _ = try await mapAtOnce(work, limit: invocation.parallel) {
      try await task.removeResource($0.id, $0.body)
    }
  }

  private func isMine(_ container: ObservedContainer) -> Bool {
    guard arguments.words.isEmpty else {
      return arguments.words.contains(container.service) && !container.isOneOff
    }
    guard let project else { return true }
    let known = project.services[container.service] != nil || project.disabled[container.service] != nil
    return known || arguments.bool("remove-orphans")
  }

  private var filters: Filters { Filters(["label": ["\(Label.project)=\(name)"]]) }

  private func networks(
    _ client: DockerClient
  ) async throws -> [(id: String, body: @Sendable () async throws -> Void)] {
    let found = try await client.networks(filters: filters)
    return found.filter { network in
      project == nil || project?.networks[network.labels[Label.network] ?? ""]?["external"]?.bool != true
    }.map { network in ("Network \(network.name)", { try await client.removeNetwork(network.id) }) }
  }

  private func volumes(
    _ client: DockerClient
  ) async throws -> [(id: String, body: @Sendable () async throws -> Void)] {
    let found = try await client.volumes(filters: filters).volumes
    return found.map { volume in
      ("Volume \(volume.name)", { try await client.removeVolume(volume.name, force: true) })
    }
  }

  private func images(
    _ client: DockerClient, _ containers: [ObservedContainer]
  ) async throws -> [(id: String, body: @Sendable () async throws -> Void)] {
    let mode = arguments.string("rmi")
    guard !mode.isEmpty else { return [] }
    var names: Set<String> = []
    if let project {
      for service in project.services.values
      where arguments.words.isEmpty || arguments.words.contains(service.name) {
        if mode == "local", service.image != nil { continue }
        names.insert(service.imageName(in: name, separator: invocation.separator))
      }
    }
    if mode == "all" { names.formUnion(containers.map(\.summary.image)) }
    return names.sorted().map { image in ("Image \(image)", { _ = try await client.removeImage(image) }) }
  }
}
