import DockerAPI
import EngineErrors
import Linux
import Networks
import Reactor
import Supervision

extension Containers {
  /// Connects a container to one more network, at once where it runs.
  public func connect(
    _ reference: String, to network: String, _ settings: EndpointSettings
  ) async throws(EngineError) {
    let name = try await services.networks.inspect(network).name
    try await find(reference).connect(to: name, settings)
  }

  /// Takes a container out of a network. With `force` a container that is gone is fine.
  public func disconnect(_ reference: String, from network: String, force: Bool) async throws(EngineError) {
    let name = try await services.networks.inspect(network).name
    do throws(EngineError) {
      try await find(reference).disconnect(from: name, force: force)
    } catch  where force && error.kind == .notFound {
      guard await services.networks.has(reference, in: name) else {
        throw EngineError(.notFound, "endpoint \(reference) not found")
      }
      try await services.networks.disconnect(reference, from: name, force: true)
    }
  }
}

extension Container {
  func connect(to network: String, _ settings: EndpointSettings) async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      let mode = record.hostConfig.networkMode
      guard mode != "host", !mode.hasPrefix("container:") else {
        throw EngineError(
          .forbidden,
          "container sharing network namespace with another container or host cannot be connected to any other network"
        )
      }
      guard network != "host" else {
        throw EngineError(
          .invalidArgument, "container cannot be disconnected from host network or connected to host network")
      }
      guard network != "none", mode != "none" || record.networks.isEmpty else {
        throw EngineError(
          .invalidArgument,
          "container cannot be connected to multiple networks with one of the networks in private (none) mode"
        )
      }
      try EndpointCheck.check([network: settings])
      guard record.networks[network] == nil else {
        throw EngineError(
          .forbidden, "endpoint with name \(record.name) already exists in network \(network)")
      }
      if record.life.isRunning {
        _ = try await services.networks.connect(id, name: record.name, to: network, settings)
        await learnNames()
      }
      record.networks[network] = settings
      try await save()
    }
  }

  func disconnect(from network: String, force: Bool) async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      guard record.networks[network] != nil else {
        throw EngineError(.forbidden, "container \(id) is not connected to network \(network)")
      }
      if record.life.isRunning { try await services.networks.disconnect(id, from: network, force: force) }
      record.networks[network] = nil
      try await save()
    }
  }

  /// The first network with names gives a running container its name server. A resolv.conf that the user has changed
  /// stays as it is.
  private func learnNames() async {
    guard let file = await services.networks.dnsConfigPath(id), let shim, let path = await sandboxPath()
    else {
      return
    }
    do throws(EngineError) {
      try await shim.serveNames(file: file)
      var surroundings = Surroundings(namespace: .path(path))
      let before = try resolverFile(surroundings)
      surroundings.dnsFile = file
      let after = try resolverFile(surroundings)
      let directory = directory
      try await blocking { () throws(EngineError) in
        try failing(.internal, "telling the container of its name server") {
          let name = "\(directory)/resolv.conf"
          // The same file, because the container has it mounted.
          if try Files.text(name) == before { try Files.write(name, after.utf8) }
        }
      }
    } catch {
      Log.error("container \(record.shortID) gets no names before its next start: \(error)")
    }
  }

  private func sandboxPath() async -> String? { await services.networks.sandboxPath(id) }
}
