import DockerAPI
import EngineErrors
import Linux
import Netlink
import Reactor

extension Networks {
  /// Makes the network namespace of a container, loopback only, or answers the one it has.
  /// - Parameter withoutIPv6: It gets IPv4 addresses alone, whatever its networks have.
  /// - Returns: The path it is pinned at.
  public func openSandbox(
    _ containerID: String, resolver: ResolverWishes = ResolverWishes(), withoutIPv6: Bool = false
  ) async throws(EngineError) -> String {
    let path = files.namespace(containerID)
    if sandboxes[containerID] != nil { return path }
    var sandbox = SandboxRecord(id: containerID, name: "", resolver: resolver)
    if withoutIPv6 { sandbox.withoutIPv6 = true }
    sandboxes[containerID] = sandbox
    do throws(EngineError) {
      // No record yet: a namespace without one is removed by the next engine.
      inside[containerID] = try await blocking { () throws(EngineError) in
        try failing(.internal, "make the network namespace") {
          try NetworkNamespace.unpin(path)
          return try NetworkNamespace.make(pinnedAt: path)
        }
      }
    } catch {
      sandboxes[containerID] = nil
      files.remove(containerID)
      throw error
    }
    return path
  }

  /// Where a container's network namespace is pinned; nil when it has none.
  public func sandboxPath(_ containerID: String) -> String? {
    sandboxes[containerID] == nil ? nil : files.namespace(containerID)
  }

  /// Puts a container into a network, also while it runs.
  /// - Returns: The settings with everything that was assigned.
  public func connect(
    _ containerID: String, name: String, to reference: String, _ wish: EndpointSettings
  ) async throws(EngineError) -> EndpointSettings {
    let network = try find(reference)
    let sandbox = try sandbox(containerID)
    guard network.driver != .host else {
      throw EngineError(
        .invalidArgument, "cannot connect container to host network - container must be created in it")
    }
    guard sandbox.endpoint(in: network.id) == nil else {
      throw EngineError(.forbidden, "endpoint with name \(name) already exists in network \(network.name)")
    }
    let before = courses(of: sandbox)
    var endpoint = EndpointRecord(id: ObjectID.random(), networkID: network.id, wish: wish)
    if network.driver.givesLinks {
      endpoint.link = try await plug(&endpoint.id, wish, sandbox, name, into: network)
    }
    if let link = endpoint.link { release(link.addresses, in: network.id) }
    guard var current = sandboxes[containerID], networks[network.id] != nil else {
      if let link = endpoint.link { await unplug(link, of: containerID) }
      throw EngineError(
        .conflict, "container \(name) ended while it was connected to network \(network.name)")
    }
    current.name = name
    current.endpoints.append(endpoint)
    sandboxes[containerID] = current
    do throws(EngineError) {
      try await settle(containerID, networks: [network.id], before: before)
    } catch {
      sandboxes[containerID]?.endpoints.removeAll { $0.id == endpoint.id }
      if let link = endpoint.link { await unplug(link, of: containerID) }
      throw error
    }
    tell("connect", network, container: containerID)
    return describe(endpoint, of: current, in: networks[network.id] ?? network)
  }

  /// Whether a container, by its id, is in a network.
  public func has(_ containerID: String, in reference: String) -> Bool {
    guard let network = try? find(reference) else { return false }
    return sandboxes[containerID]?.endpoint(in: network.id) != nil
  }

  /// Takes a container out of a network, also while it runs. `force` forgives that it is not in it.
  public func disconnect(
    _ containerID: String, from reference: String, force: Bool = false
  ) async throws(EngineError) {
    let network = try find(reference)
    guard var sandbox = sandboxes[containerID], let endpoint = sandbox.endpoint(in: network.id) else {
      if force { return }
      throw EngineError(
        .forbidden, "container \(containerID) is not connected to network \(network.name)")
    }
    let before = courses(of: sandbox)
    sandbox.endpoints.removeAll { $0.id == endpoint.id }
    sandboxes[containerID] = sandbox
    if let link = endpoint.link { await unplug(link, of: containerID) }
    try await settle(containerID, networks: [network.id], before: before)
    tell("disconnect", network, container: containerID)
  }

  /// The container has a new name; its networks know it at once.
  public func rename(container containerID: String, to name: String) async {
    guard var sandbox = sandboxes[containerID] else { return }
    sandbox.name = name
    sandboxes[containerID] = sandbox
    do throws(EngineError) {
      try files.write(sandbox)
      for endpoint in sandbox.endpoints { try writeNames(of: endpoint.networkID) }
    } catch { Log.warning("names of container \(name): \(error)") }
  }

  func sandbox(_ containerID: String) throws(EngineError) -> SandboxRecord {
    guard let sandbox = sandboxes[containerID] else {
      throw EngineError(.conflict, "container \(ObjectID.short(containerID)) has no network of its own")
    }
    return sandbox
  }

  /// Writes down where a sandbox stands now, and makes names, route and rules follow.
  private func settle(
    _ containerID: String, networks changed: [String], before: Courses
  ) async throws(EngineError) {
    let sandbox = try sandbox(containerID)
    try files.write(sandbox)
    for id in changed { try writeNames(of: id) }
    try writeResolver(of: sandbox)
    let now = courses(of: sandbox)
    if now.out != before.out {
      let session = try await session(of: containerID)
      let (bridges, routes) = (bridges, DefaultRoutes(now.out, networks))
      let former = DefaultRoutes(before.out, networks)
      try await blocking { () throws(EngineError) in try bridges.route(session, from: former, to: routes) }
    }
    guard !sandbox.ports.isEmpty else { return }
    try writePortTargets(of: sandbox)
    try await applyRules()
    if now.toPorts != before.toPorts { await forgetFlows(to: sandbox.ports) }
  }

  func session(of containerID: String) async throws(EngineError) -> NetlinkSession {
    if let session = inside[containerID] { return session }
    let path = files.namespace(containerID)
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "enter the container's network") { try NetworkNamespace.session(in: path) }
    }
  }

  /// Makes the link of an endpoint; the address stays promised until the caller has recorded it.
  private func plug(
    _ endpointID: inout String, _ wish: EndpointSettings, _ sandbox: SandboxRecord, _ name: String,
    into network: NetworkRecord
  ) async throws(EngineError) -> EndpointLink {
    var bridge = try await bridge(of: network)
    let session = try await session(of: sandbox.id)
    let addresses = try await choose(wish, sandbox, name, in: networks[network.id] ?? network, bridge.plan)
    do throws(EngineError) {
      var triesLeft = 3
      while true {
        let link = try describeLink(endpointID, wish, sandbox, network, addresses)
        let (bridges, now, path) = (bridges, bridge, files.namespace(sandbox.id))
        do throws(EngineError) {
          try await blocking { () throws(EngineError) in
            try bridges.plug(link, into: now, sandbox: path, session)
          }
          return link
        } catch {
          triesLeft -= 1
          guard triesLeft > 0, let reason = (error.cause as? NetlinkError)?.errno else { throw error }
          // What a closed sandbox still has may be in the way.
          await finish()
          if reason == .fileExists {
            endpointID = ObjectID.random()
          } else {
            // Somebody may have deleted the bridge.
            bridge = try await self.bridge(of: networks[network.id] ?? network, anew: true)
          }
        }
      }
    } catch {
      release(addresses, in: network.id)
      throw error
    }
  }

  private func describeLink(
    _ endpointID: String, _ wish: EndpointSettings, _ sandbox: SandboxRecord, _ network: NetworkRecord,
    _ addresses: AddressPair
  ) throws(EngineError) -> EndpointLink {
    let prefix = network.options[NetworkRecord.Option.linkPrefix] ?? "eth"
    let used = Set(sandbox.endpoints.compactMap(\.link?.guestName))
    let number = (0...used.count).first { !used.contains("\(prefix)\($0)") } ?? used.count
    if !wish.macAddress.isEmpty, MACAddress(wish.macAddress) == nil {
      throw EngineError(.invalidArgument, "invalid MAC address: \(wish.macAddress)")
    }
    return EndpointLink(
      hostName: network.driver == .macvlan ? nil : "veth\(endpointID.prefix(7))",
      guestName: "\(prefix)\(number)",
      address: addresses.ipv4, address6: addresses.ipv6,
      macAddress: (MACAddress(wish.macAddress) ?? MACAddress(addresses)).description)
  }

  /// Deletes a link; what cannot be deleted is told and left to the next `restore`, or to the container's end.
  private func unplug(_ link: EndpointLink, of containerID: String) async {
    let bridges = bridges
    do throws(EngineError) {
      let inside = link.isMacvlan ? try await session(of: containerID) : nil
      try await blocking { () throws(EngineError) in try bridges.delete(link, inside: inside) }
    } catch { Log.warning("\(error)") }
  }
}
