import DockerAPI
import EngineErrors
import Linux
import Netlink
import Reactor
import Records

extension Networks {
  /// Finds again what an earlier engine left, repairs what is missing and removes what nobody owns. To be called
  /// once, before the first use.
  public func restore() async throws(EngineError) {
    let known = Set(try table.all().map(\.key))
    for network in networks.values where !known.contains(network.id) {
      try await table.put(network.id, network)
    }
    for sandbox in try files.sandboxes() {
      if NetworkNamespace.isPinned(files.namespace(sandbox.id)) {
        sandboxes[sandbox.id] = sandbox
        ports.add(sandbox.ports, owner: sandbox.id)
        // Who is restarted by this engine gets the addresses that the last one gave.
        for end in sandbox.endpoints {
          if let link = end.link { habits.remember(link.addresses, of: sandbox.name, in: end.networkID) }
        }
      } else {
        await clear(sandbox)
      }
    }
    isRestoring = true
    await finish()
    await raiseBridges()
    await repairLinks()
    isRestoring = false
    do throws(EngineError) {
      if standing.isEmpty {
        try await removeRules()
      } else {
        try await applyRules(asking: true)
      }
      for id in networks.keys { try writeNames(of: id) }
      for sandbox in sandboxes.values { try writeResolver(of: sandbox) }
      try await sweep()
    } catch { Log.error("restoring the networks: \(error)") }
  }

  /// Closes the sandboxes of containers that are no more.
  public func closeSandboxes(besides containers: Set<String>) async {
    for id in sandboxes.keys where !containers.contains(id) { await closeSandbox(id) }
  }

  /// Bridges of networks with containers, and all that users made. The default one waits for its first use.
  private func raiseBridges() async {
    for network in networks.values where network.driver.givesLinks {
      let isUsed = sandboxes.values.contains { $0.endpoint(in: network.id) != nil }
      let bridges = bridges
      let stands = await blocking {
        // A kernel that does not answer will say so when the bridge is made.
        ((try? bridges.session.link(network.bridge)) ?? nil) != nil
      }
      guard !network.isPredefined || isUsed || (stands && network.addressing != nil) else { continue }
      do throws(EngineError) { _ = try await bridge(of: network) } catch {
        Log.error("network \(network.name) has no bridge: \(error)")
      }
    }
  }

  /// Plugs in again what was unplugged, and deletes links that belong to no container.
  private func repairLinks() async {
    let links: [Link]
    do throws(EngineError) {
      let bridges = bridges
      links = try await blocking { () throws(EngineError) in
        try failing(.internal, "list links") { try bridges.session.links() }
      }
    } catch { return Log.error("\(error)") }
    var owned: Set<String> = []
    for sandbox in sandboxes.values {
      for endpoint in sandbox.endpoints {
        guard let link = endpoint.link, let hostName = link.hostName else { continue }
        owned.insert(hostName)
        guard let bridge = standing[endpoint.networkID] else { continue }
        let found = links.first { $0.name == hostName }
        if found?.master == bridge.index, found?.isUp == true { continue }
        do throws(EngineError) {
          try await repair(link, found, of: sandbox, in: bridge)
        } catch { Log.error("container \(sandbox.name) lost its link \(link.guestName): \(error)") }
      }
    }
    // The parents of macvlan networks are the host's own, with whatever hangs on them.
    let indices = Set(standing.values.filter { $0.mode == nil }.map(\.index))
    for link in links where link.kind == "veth" && !owned.contains(link.name) {
      guard let master = link.master, indices.contains(master) else { continue }
      let bridges = bridges
      do throws(EngineError) {
        try await blocking { () throws(EngineError) in try bridges.delete(link: link.name) }
      } catch { Log.warning("\(error)") }
    }
  }

  private func repair(
    _ link: EndpointLink, _ found: Link?, of sandbox: SandboxRecord, in bridge: Bridges.Bridge
  ) async throws(EngineError) {
    let (bridges, path) = (bridges, files.namespace(sandbox.id))
    let session = try await session(of: sandbox.id)
    let ways = ways(of: sandbox)
    let routes = DefaultRoutes(ways, networks)
    try await blocking { () throws(EngineError) in
      if let found {
        try failing(.internal, "plug in") {
          try bridges.session.run([.setMaster(found.index, bridge.index), .setUp(found.index)])
          try bridges.session.run(.setHairpin(found.name))
        }
      } else {
        try bridges.plug(link, into: bridge, sandbox: path, session)
        if ways.ipv4?.link == link || ways.ipv6?.link == link {
          try bridges.route(session, from: DefaultRoutes(), to: routes)
        }
      }
    }
  }

  private func sweep() async throws(EngineError) {
    let orphans = try files.sweep(networks: Set(networks.keys), containers: Set(sandboxes.keys))
    for id in orphans { await clear(SandboxRecord(id: id, name: id)) }
  }
}
