import ComposeModel
import DockerAPI
import JSON

/// Which containers are made anew although they may be right.
enum RecreatePolicy: Sendable, Equatable { case diverged, force, never }

/// Decides what `up` and `create` do.
struct UpPlanner {
  let project: Project
  let observed: Observed
  var separator = "-"
  /// For the services that were named, and for those that come along.
  var recreate = RecreatePolicy.diverged
  var recreateDependencies = RecreatePolicy.diverged
  var named: Set<String> = []
  var starts = true
  /// Whether services wait for what they depend on.
  var followsDependencies = true

  private var plan = Plan()
  private var networkSteps: [String: Int] = [:]
  private var volumeSteps: [String: Int] = [:]
  private var createSteps: [String: [Int]] = [:]
  private var startSteps: [String: [Int]] = [:]
  /// The containers that each service will have, by name.
  private var containers: [String: [(name: String, ready: Int?, starts: Bool)]] = [:]
  private var freshNetworks: Set<String> = []

  init(project: Project, observed: Observed) {
    self.project = project
    self.observed = observed
  }

  /// The plan; throws where what is there cannot be used.
  mutating func make() throws(ComposeFailure) -> Plan {
    try planNetworks()
    try planVolumes()
    for name in project.namesInDependencyOrder {
      if let service = project.services[name], service["provider"] == nil { try plan(service) }
    }
    if starts { for name in project.namesInDependencyOrder { planStart(name) } }
    return plan
  }

  private mutating func planNetworks() throws(ComposeFailure) {
    for (key, network) in project.networks.sorted(by: { $0.key < $1.key }) {
      let name = project.networkName(key)
      let existing = observed.networks[name]
      if network["external"]?.bool == true {
        guard existing != nil || ["host", "none", "bridge"].contains(name) else {
          throw ComposeFailure("network \(name) declared as external, but could not be found")
        }
        continue
      }
      guard let existing else {
        networkSteps[key] = plan.add(.createNetwork(key: key))
        continue
      }
      if existing.labels[Label.project] != nil, existing.labels[Label.network] != key {
        throw ComposeFailure(
          "network \(name) was found but has incorrect label \(Label.network) set to "
            + "\"\(existing.labels[Label.network] ?? "")\" (expected: \"\(key)\")")
      }
      if let hash = existing.labels[Label.configHash], hash != ConfigHash.ofNetwork(network) {
        networkSteps[key] = plan.add(.recreateNetwork(key: key))
        freshNetworks.insert(key)
      }
    }
  }

  private mutating func planVolumes() throws(ComposeFailure) {
    for (key, volume) in project.volumes.sorted(by: { $0.key < $1.key }) {
      let name = project.volumeName(key)
      if observed.volumes[name] != nil { continue }
      guard volume["external"]?.bool != true else {
        throw ComposeFailure("external volume \"\(name)\" not found")
      }
      volumeSteps[key] = plan.add(.createVolume(key: key))
    }
  }

  // MARK: Containers

  private mutating func plan(_ service: Service) throws(ComposeFailure) {
    let expected = service.scale
    var existing = observed.containers(of: service.name)
    existing.sort { left, right in
      let (first, second) = (mustRecreate(left, service), mustRecreate(right, service))
      if first != second { return second }
      return left.number == right.number ? left.created < right.created : left.number < right.number
    }
    let before = prerequisites(of: service)
    for (place, container) in existing.enumerated() {
      if place >= expected {
        _ = plan.add(.remove(container: container.name))
      } else if mustRecreate(container, service) {
        let number = max(container.number, 1)
        let step = plan.add(
          .recreate(service: service.name, number: number, old: container.name), after: before)
        add(service, number, step)
      } else if container.isRunning {
        _ = plan.add(.keep(container: container.name))
        containers[service.name, default: []].append((container.name, nil, false))
      } else {
        containers[service.name, default: []].append((container.name, nil, true))
      }
    }
    let next = (existing.map(\.number).max() ?? 0) + 1
    for offset in 0..<max(0, expected - existing.count) {
      let step = plan.add(.create(service: service.name, number: next + offset), after: before)
      add(service, next + offset, step)
    }
  }

  private mutating func add(_ service: Service, _ number: Int, _ step: Int) {
    let name = service.containerName(number, in: project.name, separator: separator)
    createSteps[service.name, default: []].append(step)
    containers[service.name, default: []].append((name, step, true))
  }

  /// What must exist before a container of the service can be made.
  private func prerequisites(of service: Service) -> [Int] {
    var steps = service.members("networks").keys.compactMap { networkSteps[$0] }
    steps += service.parts("volumes").compactMap { volumeSteps[$0["source"]?.string ?? ""] }
    for other in service.sharedServices { steps += createSteps[other] ?? [] }
    return steps
  }

  private func mustRecreate(_ container: ObservedContainer, _ service: Service) -> Bool {
    let policy = named.isEmpty || named.contains(service.name) ? recreate : recreateDependencies
    switch policy {
    case .never: return false
    case .force: return true
    case .diverged: break
    }
    if container.labels[Label.configHash] != ConfigHash.of(service) { return true }
    if let image = observed.images[service.imageName(in: project.name, separator: separator)],
      let used = container.labels[Label.image], image != used
    {
      return true
    }
    if service.text("network_mode") == nil {
      for key in service.members("networks").keys {
        if freshNetworks.contains(key) { return true }
        let name = project.networkName(key)
        guard let network = observed.networks[name] else { return true }
        let joined = container.networks[name]
        // A container that does not run may not say which networks it belongs to.
        // Podman names them, where docker tells their ids.
        if container.isRunning, joined != network.id, joined != name { return true }
      }
    }
    for mount in service.parts("volumes") where mount["type"]?.string == "volume" {
      guard let key = mount["source"]?.string else { continue }
      let name = project.volumeName(key)
      if !container.mounts.contains(where: { $0.type == "volume" && $0.name == name }) { return true }
    }
    return false
  }

  // MARK: Starting

  private mutating func planStart(_ name: String) {
    guard let service = project.services[name] else { return }
    let mine = containers[name] ?? []
    guard mine.contains(where: \.starts) else { return }
    var before: [Int] = []
    if followsDependencies {
      for (other, dependency) in service.dependencies.sorted(by: { $0.key < $1.key })
      where project.services[other] != nil {
        let started = startSteps[other] ?? []
        if dependency.condition == .started {
          before += started
        } else {
          before.append(
            plan.add(
              .await(service: other, dependency.condition, required: dependency.required, by: name),
              after: started))
        }
      }
    }
    for container in mine where container.starts {
      let step = plan.add(
        .start(service: name, container: container.name), after: before + (container.ready.map { [$0] } ?? [])
      )
      startSteps[name, default: []].append(step)
    }
  }
}

extension Service {
  /// The services whose containers this one's share namespaces or volumes with.
  var sharedServices: [String] {
    var names = ["network_mode", "ipc", "pid", "uts"].compactMap { key -> String? in
      guard let mode = text(key), mode.hasPrefix("service:") else { return nil }
      return String(mode.dropFirst(8))
    }
    names += list("volumes_from").filter { !$0.hasPrefix("container:") }.compactMap { source in
      source.split(separator: ":").first.map(String.init)
    }
    return names
  }
}
