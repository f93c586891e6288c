import DockerAPI
import EngineErrors
import Linux

extension Networks {
  /// What a container's resolver reads; nil when it is in no network with names.
  public func dnsConfigPath(_ containerID: String) -> String? {
    guard let sandbox = sandboxes[containerID], hasNames(sandbox) else { return nil }
    return files.resolver(containerID)
  }

  private func hasNames(_ sandbox: SandboxRecord) -> Bool {
    sandbox.endpoints.contains { networks[$0.networkID]?.hasNames == true }
  }

  /// Sandboxes in an order that does not change from one writing to the next.
  private var ordered: [SandboxRecord] { sandboxes.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) } }

  /// Replaces a network's records, and what its containers' links say.
  func writeNames(of networkID: String) throws(EngineError) {
    guard networks[networkID]?.hasNames == true else { return }
    let all = ordered
    try files.write(NameRecords.network(networkID, sandboxes: all), to: files.names(networkID))
    for sandbox in all where sandbox.endpoint(in: networkID)?.wish.links?.isEmpty == false {
      try files.write(NameRecords.links(of: sandbox, among: all), to: files.links(sandbox.id))
    }
  }

  /// Replaces what a container's resolver reads.
  func writeResolver(of sandbox: SandboxRecord) throws(EngineError) {
    // A container that has left its last network with names keeps asking its resolver for those of the world.
    guard hasNames(sandbox) || Files.exist(files.resolver(sandbox.id)) else { return }
    var paths: [String] = []
    for endpoint in sandbox.endpoints where networks[endpoint.networkID]?.hasNames == true {
      if endpoint.wish.links?.isEmpty == false, !paths.contains(files.links(sandbox.id)) {
        paths.insert(files.links(sandbox.id), at: 0)
      }
      paths.append(files.names(endpoint.networkID))
    }
    // Without a resolv.conf of the host there is nobody else to ask.
    let host = HostResolver((try? Files.text("/etc/resolv.conf")) ?? "")
    let text = NameRecords.resolver(files: paths, wishes: sandbox.resolver, host: host)
    try files.write(text, to: files.resolver(sandbox.id))
  }
}
