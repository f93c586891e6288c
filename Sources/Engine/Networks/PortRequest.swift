import DockerAPI
import EngineErrors

/// One wish for a published port; pure.
struct PortRequest: Equatable, Sendable {
  var transport: PublishedPort.Transport
  var containerPort: UInt16
  /// On each of them, with the same port.
  var hostAddresses: [HostAddress]
  /// Candidates, the lowest first; nil lets the kernel choose.
  var hostPorts: ClosedRange<UInt16>?

  /// All wishes of a port map (`80/tcp` → host addresses and ports), by container port. Who names no address gets
  /// `standard`; all IPv4 addresses stand for all addresses, where the host has IPv6. A container without IPv4
  /// (`toIPv4`) can be reached over IPv6 alone.
  static func all(
    _ map: PortMap, hostAddress standard: String, haveIPv6: Bool, toIPv4: Bool = true
  ) throws(EngineError) -> [PortRequest] {
    var requests: [PortRequest] = []
    for (key, bindings) in map {
      let parts = key.split(separator: "/", maxSplits: 1)
      let word = parts.count > 1 ? String(parts[1]).lowercased() : "tcp"
      guard let transport = PublishedPort.Transport(rawValue: word) else {
        throw EngineError(.invalidArgument, "invalid proto: \(word): tcp and udp can be published")
      }
      guard let port = parts.first.flatMap({ Self.port($0) }) else {
        throw EngineError(.invalidArgument, "invalid port specification: \"\(key)\"")
      }
      for binding in bindings {
        let text = binding.hostIP.isEmpty ? standard : binding.hostIP
        guard let address = HostAddress(text) else {
          throw EngineError(.invalidArgument, "invalid host address \(text) for port \(key)")
        }
        let isForAll = binding.hostIP.isEmpty && haveIPv6 && address == .anyIPv4
        guard toIPv4 || address.isIPv6 || isForAll else {
          throw EngineError(
            .invalidArgument,
            "port \(key) cannot be published on \(address): the container has no IPv4 address")
        }
        requests.append(
          PortRequest(
            transport: transport, containerPort: port,
            hostAddresses: !isForAll ? [address] : toIPv4 ? [.anyIPv4, .anyIPv6] : [.anyIPv6],
            hostPorts: try hostPorts(binding.hostPort)))
      }
    }
    // Fixed ports before ranges before free choice, so that nothing takes away what another one insists on.
    func freedom(_ request: PortRequest) -> Int { request.hostPorts?.count ?? 65536 }
    return requests.sorted { (freedom($0), $0.containerPort) < (freedom($1), $1.containerPort) }
  }

  /// 1 to 65535, digits only.
  private static func port(_ text: some StringProtocol) -> UInt16? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else {
      return nil
    }
    return port
  }

  private static func hostPorts(_ text: String) throws(EngineError) -> ClosedRange<UInt16>? {
    if text.isEmpty || text == "0" { return nil }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { port($0) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last
    else { throw EngineError(.invalidArgument, "invalid port specification: \"\(text)\"") }
    return first...last
  }
}
