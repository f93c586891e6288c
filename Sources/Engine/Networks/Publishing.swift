import DockerAPI
import EngineErrors
import Linux
import Netlink
import Reactor
import ShimProtocol

/// Ports that now lead to a container.
public struct Published: Sendable {
  /// What was asked for, with the ports that were chosen.
  public var ports: PortMap
  /// Bound sockets that keep the ports from others, from now on the receiver's to keep open and to close.
  public var reservations: [Int32]
  /// Those of them where somebody must pass on what comes.
  public var relayed: [RelayedPort]
  /// The file with the addresses that they lead to, kept as the container changes networks; nil where nothing is passed on.
  public var targets: String?
}

extension Networks {
  /// Leads ports of the host to a container: all of them, or none and an error. A container without a way out (only
  /// in internal networks, or in none) gets none.
  public func publish(_ containerID: String, _ wanted: PortMap) async throws(EngineError) -> Published {
    inside[containerID] = nil
    let sandbox = try sandbox(containerID)
    let ways = ways(of: sandbox, forPorts: true)
    guard let way = ways.main, !wanted.isEmpty else {
      return Published(ports: [:], reservations: [], relayed: [])
    }
    let standard = networks[way.networkID]?.options[NetworkRecord.Option.hostAddress] ?? defaults.hostAddress
    let requests = try PortRequest.all(
      wanted, hostAddress: standard, haveIPv6: HostAddress.haveIPv6, toIPv4: ways.ipv4 != nil)
    var reserved = PortReservations(hasIPv4: ways.ipv4 != nil)
    do throws(EngineError) { try reserved.reserve(requests, in: ports) } catch {
      let endpoint = sandbox.endpoint(in: way.networkID)?.id ?? ""
      let owner = await owner(of: requests)
      throw EngineError(
        error.kind,
        "driver failed programming external connectivity on endpoint \(sandbox.name) (\(endpoint)): \(error.message)\(owner)",
        cause: error.cause)
    }
    let granted = reserved.ports
    // Taken before the first wait.
    ports.add(granted, owner: containerID)
    sandboxes[containerID]?.ports += granted
    do throws(EngineError) {
      if let sandbox = sandboxes[containerID] {
        try files.write(sandbox)
        try writePortTargets(of: sandbox)
      }
      try await applyRules()
      await forgetFlows(to: granted)
    } catch {
      ports.remove(granted)
      sandboxes[containerID]?.ports.removeAll { granted.contains($0) }
      throw error
    }
    let released = reserved.release()
    return Published(
      ports: Self.map(granted), reservations: released.sockets, relayed: released.relayed,
      targets: released.relayed.isEmpty ? nil : files.portTargets(containerID))
  }

  /// Replaces what the shim of a container with published ports reads of where they lead.
  func writePortTargets(of sandbox: SandboxRecord) throws(EngineError) {
    let ways = ways(of: sandbox, forPorts: true)
    let addresses = [ways.ipv4?.link.address?.description, ways.ipv6?.link.address6?.description]
    let text = addresses.compactMap { $0.map { "\($0)\n" } }.joined()
    try files.write(text, to: files.portTargets(sandbox.id))
  }

  /// Lets UDP flows that go on find the way that the rules say now. What fails costs such a flow half a minute.
  func forgetFlows(to ports: [PublishedPort]) async {
    let datagrams = ports.filter { $0.transport == .udp }
    let ipv4 = Set(datagrams.compactMap { $0.hostAddress.isIPv6 ? $0.ownLoopbackPort : $0.hostPort })
    let ipv6 = Set(datagrams.filter(\.hostAddress.isIPv6).map(\.hostPort))
    guard !datagrams.isEmpty else { return }
    await blocking {
      do throws(NetlinkError) {
        let session = try NetlinkSession(.netfilter)
        if !ipv4.isEmpty { try session.forgetUDP(ports: ipv4) }
        if !ipv6.isEmpty { try session.forgetUDP(ports: ipv6, ipv6: true) }
      } catch { Log.warning("\(error)") }
    }
  }

  /// The ports that lead to a container now.
  public func publishedPorts(of containerID: String) -> PortMap {
    Self.map(sandboxes[containerID]?.ports ?? [])
  }

  private static func map(_ ports: [PublishedPort]) -> PortMap {
    var map: PortMap = [:]
    for port in ports.sorted(by: { ($0.hostAddress, $0.hostPort) < ($1.hostAddress, $1.hostPort) }) {
      var binding = PortBinding()
      binding.hostIP = "\(port.hostAddress)"
      binding.hostPort = "\(port.hostPort)"
      map["\(port.containerPort)/\(port.transport.rawValue)", default: []].append(binding)
    }
    return map
  }
}
