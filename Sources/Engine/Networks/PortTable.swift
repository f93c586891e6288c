/// Which ports of the host our containers have; pure.
struct PortTable: Sendable {
  private var owners: [PublishedPort: String] = [:]

  mutating func add(_ ports: [PublishedPort], owner: String) {
    for port in ports { owners[port] = owner }
  }

  mutating func removeAll(of owner: String) { owners = owners.filter { $0.value != owner } }

  mutating func remove(_ ports: [PublishedPort]) {
    for port in ports { owners[port] = nil }
  }

  /// Whether a container has this port, on this address or on all.
  func isTaken(_ port: PublishedPort) -> Bool { owner(of: port) != nil }

  /// The container that has this port, on this address or on all.
  func owner(of port: PublishedPort) -> String? {
    owners.first { taken, _ in
      taken.transport == port.transport && taken.hostPort == port.hostPort
        && taken.hostAddress.excludes(port.hostAddress)
    }?.value
  }
}
