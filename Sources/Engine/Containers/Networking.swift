import DockerAPI
import EngineErrors
import Networks

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
      guard record.networks[network] == nil else {
        throw EngineError(
          .forbidden, "endpoint with name \(record.name) already exists in network \(network)")
      }
      if record.life.isRunning {
        _ = try await services.networks.connect(id, name: record.name, to: network, settings)
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
}
