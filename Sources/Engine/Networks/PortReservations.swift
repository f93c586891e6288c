import EngineErrors
import Linux

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
        && (taken.hostAddress == port.hostAddress || taken.hostAddress == .any || port.hostAddress == .any)
    }?.value
  }
}

/// Sockets that keep ports of the host from everybody else; closed when it goes out of scope.
struct PortReservations: ~Copyable, Sendable {
  private(set) var ports: [PublishedPort] = []
  private var descriptors: [Int32] = []

  deinit { for raw in descriptors { _ = FileDescriptor(owning: raw) } }

  /// The sockets, from now on the caller's.
  consuming func release() -> [Int32] {
    let raw = descriptors
    descriptors = []
    return raw
  }

  /// Reserves a port for every request, with docker's words for a port that is not free.
  mutating func reserve(_ requests: [PortRequest], in table: PortTable) throws(EngineError) {
    for request in requests { try reserve(request, in: table) }
  }

  private mutating func reserve(_ request: PortRequest, in table: PortTable) throws(EngineError) {
    var refusal: EngineError?
    // Nil: the kernel chooses. It may choose one that a container has, whose socket a dead shim no longer holds.
    let candidates = request.hostPorts.map { $0.map { $0 } } ?? [UInt16](repeating: 0, count: 16)
    for candidate in candidates {
      do throws(EngineError) { return try reserve(request, at: candidate, in: table) } catch {
        refusal = error
      }
    }
    throw refusal ?? EngineError(.internal, "all ports are allocated")
  }

  private mutating func reserve(
    _ request: PortRequest, at hostPort: UInt16, in table: PortTable
  ) throws(EngineError) {
    var port = PublishedPort(
      transport: request.transport, containerPort: request.containerPort, hostAddress: request.hostAddress,
      hostPort: hostPort)
    if hostPort != 0 { try requireFree(port, in: table) }
    let place = "\(request.hostAddress):\(hostPort)"
    let raw: Int32
    do throws(SyscallError) {
      let socket = try Self.bind(port)
      if let chosen = try socket.localEndpoint()?.port { port.hostPort = chosen }
      raw = socket.release()
    } catch {
      throw EngineError(
        .internal, "listen \(request.transport.rawValue)4 \(place): bind: \(Self.words(error.errno))",
        cause: error)
    }
    descriptors.append(raw)
    if hostPort == 0 { try requireFree(port, in: table) }
    ports.append(port)
  }

  private func requireFree(_ port: PublishedPort, in table: PortTable) throws(EngineError) {
    var own = PortTable()
    own.add(ports, owner: "")
    guard table.isTaken(port) || own.isTaken(port) else { return }
    throw EngineError(
      .internal, "Bind for \(port.hostAddress):\(port.hostPort) failed: port is already allocated")
  }

  /// Bound and not listening, until the shim has it: what nobody takes is refused meanwhile, not left hanging.
  private static func bind(_ port: PublishedPort) throws(SyscallError) -> FileDescriptor {
    guard let endpoint = InternetEndpoint(address: port.hostAddress.bytes, port: port.hostPort) else {
      preconditionFailure("an IPv4 address has four bytes")
    }
    if port.transport == .udp { return try InternetSocket.bindUDP(endpoint) }
    do throws(SyscallError) {
      let socket = try InternetSocket.open(.tcp, ipv6: false)
      try socket.bind(endpoint)
      return socket
    } catch  where error.errno == .addressInUse {
      // Connections of an earlier server may linger; then only a listening socket may have the port.
      let socket = try InternetSocket.listen(endpoint)
      try socket.stopListening()
      return socket
    }
  }

  /// Go's words, lower case.
  private static func words(_ errno: Errno) -> String { errno.description.lowercased() }
}
