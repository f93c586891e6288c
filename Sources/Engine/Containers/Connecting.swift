import DockerAPI
import EngineErrors
import Networks

extension Containers {
  /// Puts a container into a network: at once where it runs, else from its next start on.
  public func connect(
    _ reference: String, to network: String, _ wish: EndpointSettings
  ) async throws(EngineError) {
    try await find(reference).connect(to: network, wish)
  }

  /// Takes a container out of a network. `force` forgives that it is not in it, or is no more.
  public func disconnect(_ reference: String, from network: String, force: Bool) async throws(EngineError) {
    let container: Container
    do throws(EngineError) { container = try find(reference) } catch {
      guard force else { throw error }
      return
    }
    try await container.disconnect(from: network, force: force)
  }
}

extension Container {
  func connect(to reference: String, _ wish: EndpointSettings) async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      let network = try await services.networks.name(of: reference)
      let mode = record.hostConfig.networkMode
      guard mode != "host", !mode.hasPrefix("container:") else {
        throw EngineError(
          .forbidden,
          "container sharing network namespace with another container or host cannot be connected to any other network"
        )
      }
      guard record.networks[network] == nil else {
        throw EngineError(
          .forbidden, "endpoint with name \(record.name) already exists in network \(network)")
      }
      if record.life.isRunning {
        _ = try await services.networks.connect(id, name: record.name, to: network, wish)
      }
      record.networks[network] = wish
      do throws(EngineError) { try await save() } catch {
        record.networks[network] = nil
        throw error
      }
    }
  }

  func disconnect(from reference: String, force: Bool) async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      let network = try await services.networks.name(of: reference)
      guard record.networks[network] != nil else {
        if force { return }
        throw EngineError(.forbidden, "container \(id) is not connected to network \(network)")
      }
      if record.life.isRunning { try await services.networks.disconnect(id, from: network, force: true) }
      record.networks[network] = nil
      try await save()
    }
  }
}
