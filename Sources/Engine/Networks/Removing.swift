import DockerAPI
import EngineErrors
import Events
import Filtering
import Linux
import Reactor
import Records
import TextFormats

extension Networks {
  /// Removes a network that no container is in.
  public func remove(_ reference: String) async throws(EngineError) {
    let network = try find(reference)
    guard !network.isPredefined else {
      throw EngineError(.forbidden, "\(network.name) is a pre-defined network and cannot be removed")
    }
    if promised[network.id]?.isEmpty == false { await finish() }
    let endpoints = sandboxes.values.sorted { $0.name < $1.name }.compactMap { sandbox in
      sandbox.endpoint(in: network.id).map { "name:\"\(sandbox.name)\" id:\"\(ObjectID.short($0.id))\"" }
    }
    guard endpoints.isEmpty, promised[network.id]?.isEmpty != false else {
      throw EngineError(
        .forbidden,
        "error while removing network: network \(network.name) id \(network.id) has active endpoints "
          + "(\(endpoints.joined(separator: ", ")))")
    }
    networks[network.id] = nil
    do throws(EngineError) { try await table.remove(network.id) } catch {
      networks[network.id] = network
      throw error
    }
    habits.forget(network.id)
    await dismantle(network)
    tell("destroy", network)
  }

  /// Removes the networks of users that no container is in, filtered by `label`, `label!` and `until`.
  /// - Parameter inUse: Ids of networks that stopped containers want to return to.
  public func prune(
    _ filters: Filters = Filters(), inUse: Set<String> = []
  ) async throws(EngineError) -> PruneReport {
    try filters.admit(["label", "label!", "until"])
    let until = try filters.until()
    await finish()
    var report = PruneReport()
    report.networksDeleted = []
    for network in networks.values.sorted(by: { $0.name < $1.name }) where !network.isPredefined {
      guard !inUse.contains(network.id), filters.acceptLabels(network.labels),
        !sandboxes.values.contains(where: { $0.endpoint(in: network.id) != nil }),
        promised[network.id]?.isEmpty != false
      else { continue }
      if let until, let created = Timestamp(rfc3339: network.created), created >= until { continue }
      try await remove(network.id)
      report.networksDeleted?.append(network.name)
    }
    events.publish(type: "network", action: "prune", id: "", attributes: ["reclaimed": "0"])
    return report
  }

  /// Bridge, rules and names of a network that is no more. What cannot be removed is told and left.
  func dismantle(_ network: NetworkRecord) async {
    standing[network.id] = nil
    files.unlink(files.names(network.id))
    do throws(EngineError) {
      try await applyRules()
      guard !network.bridge.isEmpty else { return }
      let bridges = bridges
      try await blocking { () throws(EngineError) in try bridges.delete(link: network.bridge) }
    } catch { Log.warning("network \(network.name): \(error)") }
  }

  /// Before the engine ends: bridges without containers and, without any bridge, our rules are taken away. `restore`
  /// makes them again. Containers that run keep everything.
  public func quiesce() async {
    await finish()
    for id in standing.keys {
      guard let network = networks[id], !sandboxes.values.contains(where: { $0.endpoint(in: id) != nil })
      else {
        continue
      }
      await dismantle(network)
    }
    guard standing.isEmpty else { return }
    do throws(EngineError) { try await removeRules() } catch { Log.warning("\(error)") }
  }
}
