import Assembly
import Containers
import DaemonSettings
import DockerAPI
import EngineErrors
import HTTP
import Images
import Networks
import Volumes

/// Stands between a socket's clients and the routes: lets through what their scope allows.
struct Gate: Sendable {
  let engine: Engine
  let scope: Scope

  /// The call as the route may see it: what it names is one's own, by its id. Throws what a client hears who may not.
  func pass(_ call: Call, _ route: String) async throws -> Call {
    guard let access = RouteAccess.of(route) else { throw refusal(call, "it is for sockets without limits") }
    guard scope.role >= access.role else {
      throw refusal(call, "it needs the role \(access.role.name), and this socket's is \(scope.role.name)")
    }
    var passed = call
    passed.gate = self
    try await check(access.subject, &passed)
    try await checkQuery(route, call)
    return passed
  }

  private func refusal(_ call: Call, _ why: String) -> EngineError {
    EngineError(
      .forbidden, "\(call.request.method) \(call.request.path) is not allowed on this socket: \(why)")
  }

  private func check(_ subject: RouteAccess.Subject, _ call: inout Call) async throws {
    switch subject {
    case .none: break
    case .container(let controls):
      if call.request.method == "DELETE", call.flag("link") {
        // The hole names a link, not a container.
        guard scope.label == nil else { throw refusal(call, "links are not for sockets with a label") }
        return
      }
      let container = try await container(call.hole("id"), controlled: controls)
      call.holes["id"] = container.id
    case .exec(let controls): try await checkExec(call.hole("id"), controls: controls)
    case .network:
      let network = try await network(call.hole("id"))
      guard call.request.method == "GET" || network.driver != "host" || scope.role == .admin else {
        throw refusal(call, "the network host needs the role admin")
      }
      call.holes["id"] = network.id
    case .volume: _ = try await volume(call.hole("name"))
    case .image: try await checkImage(call.hole("name"))
    case .images:
      for name in call.request.parameters("names").flatMap({ $0.split(separator: ",") }) {
        try await checkImage(String(name))
      }
    case .everybody:
      guard let label = scope.label, scope.role < .admin else { return }
      throw refusal(call, "it concerns more than what carries the label \(label.text)")
    }
  }

  // MARK: one's own

  /// A container that is one's own; `controlled` where its powers become those of the client.
  func container(_ reference: String, controlled: Bool, depth: Int = 0) async throws -> ContainerInspect {
    // A reference that more than one container may mean is not told apart from one that none has.
    guard let container = try? await engine.containers.inspect(reference), scope.owns(container.config.labels)
    else {
      if scope.label == nil { return try await engine.containers.inspect(reference) }
      throw EngineError.notFound("container", reference)
    }
    if controlled { try await checkControl(container, depth: depth) }
    return container
  }

  /// Nobody gets hold of a container that he could not have made.
  private func checkControl(_ container: ContainerInspect, depth: Int = 0) async throws {
    guard depth < 8 else {
      throw EngineError(.forbidden, "containers join each other in a chain too long to follow")
    }
    if scope.role < .admin {
      if let power = await power(of: container) {
        throw EngineError(
          .forbidden,
          "container \(container.name.dropFirst()) has powers that this socket's role may not have: \(power)")
      }
    }
    try await checkJoins(container.hostConfig, depth: depth + 1)
  }

  /// The first power that reaches beyond the container: of its own wishes, and of what it has from others.
  private func power(of container: ContainerInspect) async -> String? {
    if let place = container.mounts.first(where: { $0.type == "bind" }) { return "Binds \(place.source)" }
    for name in container.mounts.filter({ $0.type == "volume" }).compactMap(\.name) {
      if await hasOptions(volume: name) { return "volume \(name) with driver options" }
    }
    return Powers.beyond(container.hostConfig)
  }

  /// Whether a volume is whatever place, device or server somebody chose for it.
  func hasOptions(volume name: String) async -> Bool {
    // Without a record nothing is mounted there.
    guard let volume = try? await engine.volumes.inspect(name) else { return false }
    return volume.options?.isEmpty == false
  }

  /// What starts joins other containers and networks again, by the names that they have now.
  private func checkStart(_ id: String) async throws {
    guard scope.label != nil else { return }
    let container = try await container(id, controlled: false)
    try await checkJoins(container.hostConfig)
    for name in container.networkSettings.networks.keys { _ = try await joinable(network: name) }
  }

  /// A name that means another's image is not given another meaning.
  private func checkPull(_ name: String, _ tag: String?) async throws {
    let full = tag.map { $0.contains(":") ? "\(name)@\($0)" : "\(name):\($0)" } ?? name
    // What is not there yet may come.
    guard let there = try? await engine.images.inspect(full) else { return }
    guard scope.sees(image: there.config.labels) else {
      throw EngineError(.forbidden, "the name \(full) is taken by an image of others")
    }
  }

  private func checkExec(_ id: String, controls: Bool) async throws {
    let exec = try await engine.containers.inspectExec(id)
    // An exec of others is as one that is not there.
    guard let container = try? await container(exec.containerID, controlled: false) else {
      throw EngineError(.notFound, "No such exec instance: \(id)")
    }
    guard controls else { return }
    try await checkControl(container)
    guard scope.role == .admin || exec.processConfig.privileged != true else {
      throw EngineError(.forbidden, "exec \(id) is privileged, and this socket's role is \(scope.role.name)")
    }
  }

  func network(_ reference: String) async throws -> NetworkResource {
    let network = try await engine.networks.inspect(reference)
    guard scope.owns(network.labels) else { throw EngineError(.notFound, "network \(reference) not found") }
    return network
  }

  /// A network that a container of one's own may be in: one's own, and those that every engine has.
  func joinable(network reference: String) async throws -> NetworkResource? {
    if ["", "default", "none"].contains(reference) { return nil }
    let network = try await engine.networks.inspect(reference)
    if network.driver == "host", scope.role < .admin {
      throw EngineError(.forbidden, "the network host is not for this socket's role \(scope.role.name)")
    }
    guard scope.owns(network.labels) || ["bridge", "none"].contains(network.name) else {
      throw EngineError(.notFound, "network \(reference) not found")
    }
    return network
  }

  func volume(_ name: String) async throws -> Volume {
    let volume = try await engine.volumes.inspect(name)
    guard scope.owns(volume.labels) else {
      throw EngineError(.notFound, "get \(name): no such volume")
    }
    return volume
  }

  func checkImage(_ name: String) async throws {
    let labels = try await engine.images.inspect(name).config.labels
    guard scope.sees(image: labels) else { throw EngineError.notFound("image", name) }
  }

  /// The containers whose namespaces, files or names a container takes part in.
  func checkJoins(_ host: HostConfig, depth: Int = 0) async throws {
    for mode in [host.pidMode, host.ipcMode, host.networkMode] where mode.hasPrefix("container:") {
      _ = try await container(String(mode.dropFirst("container:".count)), controlled: true, depth: depth)
    }
    for source in host.volumesFrom ?? [] {
      _ = try await container(String(source.prefix { $0 != ":" }), controlled: true, depth: depth)
    }
    for link in host.links ?? [] {
      let name = link.prefix { $0 != ":" }
      _ = try await container(String(name.hasPrefix("/") ? name.dropFirst() : name), controlled: false)
    }
  }

  // MARK: queries

  /// Parameters that reach beyond.
  private func checkQuery(_ route: String, _ call: Call) async throws {
    switch route {
    case "POST /containers/{id}/start", "POST /containers/{id}/restart":
      try await checkStart(call.hole("id"))
    case "POST /commit": _ = try await container(call.text("container") ?? "", controlled: true)
    case "POST /images/create":
      if let name = call.text("fromImage") { try await checkPull(name, call.text("tag")) }
      guard call.text("fromSrc") != nil else { return }
      guard scope.role == .admin || (scope.label == nil && call.text("fromSrc") == "-") else {
        throw refusal(call, "imports are not for the role \(scope.role.name) here")
      }
    case "GET /containers/json":
      let filters = try call.filters()
      for reference in filters["since"] + filters["before"] {
        _ = try await container(reference, controlled: false)
      }
    default: break
    }
  }
}
