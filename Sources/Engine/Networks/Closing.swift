import EngineErrors
import Linux
import Netlink
import Reactor

/// What stays of a closed sandbox for a moment: its ends of networks, and an open descriptor of its namespace, so
/// that the kernel does not take it apart while others want to connect.
struct Grave: Sendable {
  var endpoints: [EndpointRecord]
  var namespace: Int32?

  /// Lets go of the namespace. The kernel takes it apart when it has time, and until then links in it that share one of
  /// the host's keep their addresses from others: they are deleted first.
  func close() {
    guard let namespace else { return }
    let held = FileDescriptor(owning: namespace)
    let links = endpoints.compactMap(\.link).filter(\.isMacvlan).map(\.guestName)
    guard !links.isEmpty else { return }
    do {
      try NetworkNamespace.session(in: "/proc/self/fd/\(held.rawValue)")
        .runWherePresent(links.map { .delete(link: $0) })
    } catch { Log.warning("links \(links.joined(separator: ", ")) of a closed sandbox: \(error)") }
  }
}

extension Networks {
  /// How long graves wait for others, in milliseconds.
  private static let patience = 300

  /// Takes everything of a container away: endpoints, ports, names, namespace. Nothing there is fine.
  ///
  /// Only the links stay for a third of a second: deleting one takes the kernel 10 to 20 ms in which nobody else can
  /// make one, deleting many takes no longer. Until then nobody gets their addresses; `remove`, `quiesce` and
  /// `finish` delete them at once.
  public func closeSandbox(_ containerID: String) async {
    inside[containerID] = nil
    guard let sandbox = sandboxes.removeValue(forKey: containerID) else { return }
    ports.removeAll(of: containerID)
    do throws(EngineError) {
      for endpoint in sandbox.endpoints { try writeNames(of: endpoint.networkID) }
      if !sandbox.ports.isEmpty { try await applyRules() }
    } catch { Log.warning("container \(sandbox.name): \(error)") }
    await forgetFlows(to: sandbox.ports)
    await clear(sandbox)
    tellDisconnected(sandbox)
    toldDisconnected.remove(containerID)
  }

  /// Tells the events of a container that is restarted and keeps its sandbox meanwhile.
  public func tell(of containerID: String, isPluggedIn: Bool) {
    guard let sandbox = sandboxes[containerID] else { return }
    if !isPluggedIn {
      tellDisconnected(sandbox)
      toldDisconnected.insert(containerID)
    } else if toldDisconnected.remove(containerID) != nil {
      tell("connect", sandbox)
    }
  }

  private func tellDisconnected(_ sandbox: SandboxRecord) {
    if !toldDisconnected.contains(sandbox.id) { tell("disconnect", sandbox) }
  }

  private func tell(_ action: String, _ sandbox: SandboxRecord) {
    for endpoint in sandbox.endpoints {
      guard let network = networks[endpoint.networkID] else { continue }
      tell(action, network, container: sandbox.id)
    }
  }

  /// Namespace, files and links of a sandbox. What fails is found and tried again by the next `restore`.
  func clear(_ sandbox: SandboxRecord) async {
    for end in sandbox.endpoints {
      if let link = end.link { promised[end.networkID, default: TakenAddresses()].insert(link.addresses) }
    }
    let path = files.namespace(sandbox.id)
    let name = sandbox.name
    let namespace = await blocking { () -> Int32? in
      do throws(SyscallError) { return try NetworkNamespace.unpinHolding(path) } catch {
        Log.warning("network namespace of container \(name): \(error)")
        return nil
      }
    }
    // The container may have been started again meanwhile.
    if sandboxes[sandbox.id] == nil { files.remove(sandbox.id) }
    graves.append(Grave(endpoints: sandbox.endpoints, namespace: namespace))
    if reaper == nil { startReaper(after: Self.patience) }
  }

  /// Deletes the links of closed sandboxes now, and returns when they are gone.
  public func finish() async {
    while reaper != nil || !graves.isEmpty {
      let task = reaper ?? startReaper(after: 0)
      task.cancel()
      await task.value
    }
  }

  /// The actor runs nothing of it before the caller has waited for something, so `reaper` is set by then.
  @discardableResult
  private func startReaper(after milliseconds: Int) -> Task<Void, Never> {
    let task = Task {
      // A cancelled sleep means that somebody waits: go on at once.
      try? await sleep(milliseconds: milliseconds)
      await reap()
      reaper = nil
      if !graves.isEmpty { startReaper(after: Self.patience) }
    }
    reaper = task
    return task
  }

  private func reap() async {
    let reaped = graves
    graves = []
    let names = reaped.flatMap { $0.endpoints.compactMap { $0.link?.hostName } }
    let bridges = bridges
    await blocking {
      do throws(EngineError) {
        if !names.isEmpty { try bridges.delete(links: names) }
      } catch { Log.warning("\(error)") }
      for grave in reaped { grave.close() }
    }
    for end in reaped.flatMap(\.endpoints) {
      if let link = end.link { release(link.addresses, in: end.networkID) }
    }
  }
}
