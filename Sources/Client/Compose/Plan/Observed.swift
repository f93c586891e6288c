import ComposeModel
import DockerAPI

/// A container of a project as the engine lists it.
struct ObservedContainer: Sendable, Equatable {
  let id: String
  let name: String
  let service: String
  let number: Int
  /// created, running, paused, restarting, exited, dead or removing.
  let state: String
  let labels: [String: String]
  /// The networks it has joined, by name, with their ids.
  let networks: [String: String]
  let mounts: [MountPoint]
  let created: Int64
  let summary: ContainerSummary

  init(_ summary: ContainerSummary) {
    self.summary = summary
    id = summary.id
    name = String((summary.names.first { $0.split(separator: "/").count == 1 } ?? "/").dropFirst())
    labels = summary.labels
    service = labels[Label.service] ?? ""
    number = Int(labels[Label.number] ?? "") ?? 0
    state = summary.state
    networks = summary.networkSettings.networks.mapValues(\.networkID)
    mounts = summary.mounts
    created = summary.created
  }

  var isRunning: Bool { state == "running" }
  var isOneOff: Bool { labels[Label.oneOff] == "True" }

  /// The name without the project's: `web-1`.
  var shortName: String { ContainerName.short(name, labels) }
}

/// What the engine has of a project, at one moment.
struct Observed: Sendable {
  var containers: [ObservedContainer] = []
  /// Networks and volumes by name, whoever made them.
  var networks: [String: NetworkResource] = [:]
  var volumes: [String: Volume] = [:]
  /// The ids of the images that services run, by the name the service gives.
  var images: [String: String] = [:]

  func containers(of service: String) -> [ObservedContainer] {
    containers.filter { $0.service == service && !$0.isOneOff }
  }
}
