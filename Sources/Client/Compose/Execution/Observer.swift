import ComposeModel
import DockerAPI
import DockerClient
import Reactor

/// Asks the engine what it has of a project.
struct Observer: Sendable {
  let client: DockerClient

  /// All containers of a project, one-off ones too; stopped ones where `all` is said.
  func containers(of project: String, all: Bool = true) async throws -> [ObservedContainer] {
    let filters = Filters(["label": ["\(Label.project)=\(project)"]])
    let found = try await client.containers(all: all, filters: filters)
    return found.map(ObservedContainer.init).filter { $0.labels[Label.service] != nil }
      .sorted { ($0.service, $0.number, $0.name) < ($1.service, $1.number, $1.name) }
  }

  /// Containers, networks and volumes that matter to `project`.
  func observe(_ project: Project) async throws -> Observed {
    async let containers = containers(of: project.name)
    async let networks = project.networks.isEmpty ? [] : client.networks()
    async let volumes = project.volumes.isEmpty ? VolumeList() : client.volumes()
    var observed = Observed()
    observed.containers = try await containers
    for network in try await networks where observed.networks[network.name] == nil {
      observed.networks[network.name] = network
    }
    for volume in try await volumes.volumes { observed.volumes[volume.name] = volume }
    return observed
  }

  /// The ids of those of `images` that the engine has.
  func imageIDs(_ images: some Sequence<String>) async throws -> [String: String] {
    let names = Set(images).sorted()
    let client = client
    let found = try await mapAtOnce(names) { name -> String? in
      do { return try await client.inspectImage(name).id } catch let error as APIError where error.isNotFound
      {
        return nil
      }
    }
    var ids: [String: String] = [:]
    for (name, id) in zip(names, found) { ids[name] = id }
    return ids
  }
}
