import DockerAPI
import EngineErrors
import Linux
import Networks
import Reactor
import ShimProtocol

/// What stands around a container while it runs: its network, its names, its ports.
struct Surroundings: Sendable {
  enum Namespace: Sendable, Equatable { case host, path(String) }
  var namespace: Namespace
  /// The container whose network is shared, with `--network container:…`.
  var sharedWith: String?
  var dnsFile: String?
  /// Addresses that the hosts file names the container by.
  var addresses: [String] = []
  /// The first network's gateway: the host, as the container sees it.
  var gateway: String?
  /// Those on the default bridge that it knows by `--link`.
  var linked: [(alias: String, other: LinkedContainer)] = []
  /// Bound sockets that keep the published ports; the shim holds them.
  var reservations: [Int32] = []
  var relayedPorts: [RelayedPort] = []
  /// The file with the addresses that published ports lead to.
  var portTargets: String?

  var namespacePath: String? { if case .path(let path) = namespace { path } else { nil } }
}

extension Container {
  /// Makes the network that the container wants; on failure nothing of it stays.
  func arrangeNetwork() async throws(EngineError) -> Surroundings {
    let mode = record.hostConfig.networkMode
    if mode == "host" { return Surroundings(namespace: .host) }
    if mode.hasPrefix("container:") {
      return try await joinNetwork(of: String(mode.dropFirst("container:".count)))
    }
    do throws(EngineError) {
      return try await connectNetworks()
    } catch {
      await services.networks.closeSandbox(id)
      throw error
    }
  }

  private var nameServers: [String] {
    let own = record.hostConfig.dns ?? []
    return own.isEmpty ? services.settings.nameServers : own
  }

  private func connectNetworks() async throws(EngineError) -> Surroundings {
    let networks = services.networks
    let host = record.hostConfig
    let resolver = ResolverWishes(
      servers: nameServers, search: host.dnsSearch ?? [], options: host.dnsOptions ?? [])
    let path = try await networks.openSandbox(id, resolver: resolver, withoutIPv6: disablesIPv6)
    var surroundings = Surroundings(namespace: .path(path))
    // The network that `--network` names comes first: its interface is eth0.
    let first = record.hostConfig.networkMode
    let names = record.networks.keys.sorted { $0 == first || $1 != first && $0 < $1 }
    for name in names {
      guard let wish = record.networks[name] else { continue }
      let settings = try await networks.connect(id, name: record.name, to: name, wish)
      surroundings.addresses += settings.assignedAddresses
      if surroundings.gateway == nil { surroundings.gateway = settings.someGateway }
    }
    let published = try await networks.publish(id, portsToPublish)
    surroundings.reservations = published.reservations
    surroundings.relayedPorts = published.relayed
    surroundings.portTargets = published.targets
    surroundings.dnsFile = await networks.dnsConfigPath(id)
    return surroundings
  }

  /// `--sysctl net.ipv6.conf.all.disable_ipv6=1`
  private var disablesIPv6: Bool {
    record.hostConfig.sysctls?["net.ipv6.conf.all.disable_ipv6"].map { $0 != "0" } ?? false
  }

  private func joinNetwork(of other: String) async throws(EngineError) -> Surroundings {
    let path = await services.networks.sandboxPath(other)
    guard let path else {
      throw EngineError(.conflict, "cannot join network of a non running container: \(other)")
    }
    return Surroundings(namespace: .path(path), sharedWith: other)
  }

  /// `-p`, and with `-P` every exposed port on a free port of the host.
  private var portsToPublish: PortMap {
    var ports = record.hostConfig.portBindings ?? [:]
    guard record.hostConfig.publishAllPorts else { return ports }
    for port in (record.config.exposedPorts ?? [:]).keys where (ports[port] ?? []).isEmpty {
      ports[port] = [PortBinding()]
    }
    return ports
  }

  // MARK: files

  var hostname: String { record.config.hostname.isEmpty ? record.shortID : record.config.hostname }

  /// Writes hostname, hosts and resolv.conf where the container finds them.
  func writeFiles(_ surroundings: Surroundings) async throws(EngineError) {
    let directory = directory
    let hostname = "\(hostname)\n"
    let hosts = hostsFile(surroundings)
    let resolver = try resolverFile(surroundings)
    try await blocking { () throws(EngineError) in
      try failing(.internal, "writing the container's files") {
        try Files.write("\(directory)/hostname", hostname.utf8)
        try Files.write("\(directory)/hosts", hosts.utf8)
        try Files.write("\(directory)/resolv.conf", resolver.utf8)
      }
    }
  }

  private func hostsFile(_ surroundings: Surroundings) -> String {
    // Without a hosts file of the host there is nothing to repeat.
    var file =
      surroundings.namespace == .host
      ? HostsFile(ofHost: (try? Files.text("/etc/hosts")) ?? "") : HostsFile(ipv6: !disablesIPv6)
    for entry in record.hostConfig.extraHosts ?? [] { file.add(entry, gateway: surroundings.gateway) }
    for (alias, other) in surroundings.linked {
      file.add(address: other.address, names: other.names(alias: alias))
    }
    let domain = record.config.domainname
    let names = domain.isEmpty ? [hostname] : ["\(hostname).\(domain)", hostname]
    for address in surroundings.addresses { file.add(address: address, names: names) }
    return file.text
  }

  func resolverFile(_ surroundings: Surroundings) throws(EngineError) -> String {
    let host = record.hostConfig
    let own = ResolverFile(
      nameservers: nameServers, search: host.dnsSearch ?? [], options: host.dnsOptions ?? [])
    // Without a resolv.conf of the host there is nothing to inherit.
    let inherited = ResolverFile(parsing: (try? Files.text("/etc/resolv.conf")) ?? "")
    if surroundings.dnsFile != nil { return own.served(by: "127.0.0.11", inheriting: inherited).text }
    return own.inheriting(inherited, withoutLoopback: surroundings.namespace != .host).text
  }
}
