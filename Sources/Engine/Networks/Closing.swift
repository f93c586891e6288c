import EngineErrors
import Linux
import Reactor

extension Networks {
  /// Takes everything of a container away: endpoints, ports, names, namespace. Nothing there is fine.
  public func closeSandbox(_ containerID: String) async {
    inside[containerID] = nil
    guard let sandbox = sandboxes.removeValue(forKey: containerID) else { return }
    ports.removeAll(of: containerID)
    do throws(EngineError) {
      for endpoint in sandbox.endpoints { try writeNames(of: endpoint.networkID) }
      if !sandbox.ports.isEmpty { try await applyRules() }
    } catch { Log.warning("container \(sandbox.name): \(error)") }
    await clear(sandbox)
    for endpoint in sandbox.endpoints {
      guard let network = networks[endpoint.networkID] else { continue }
      tell("disconnect", network, container: containerID)
    }
  }

  /// Links, namespace and files of a sandbox, the record last: what fails is tried again by the next `restore`.
  func clear(_ sandbox: SandboxRecord) async {
    await unplug(sandbox.endpoints.compactMap(\.link))
    let path = files.namespace(sandbox.id)
    let unpinned = await blocking {
      do throws(SyscallError) {
        try NetworkNamespace.unpin(path)
        return true
      } catch {
        Log.warning("network namespace of container \(sandbox.name): \(error)")
        return false
      }
    }
    // The container may have been started again meanwhile.
    if unpinned, sandboxes[sandbox.id] == nil { files.remove(sandbox.id) }
  }
}
