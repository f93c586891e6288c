import EngineErrors
import Linux
import ShimProtocol

/// Sockets that keep ports of the host from everybody else; closed when it goes out of scope.
struct PortReservations: ~Copyable, Sendable {
  private(set) var ports: [PublishedPort] = []
  private var descriptors: [Int32] = []
  private var relayed: [RelayedPort] = []
  /// Whether rules lead to the container over IPv4.
  private let hasIPv4: Bool

  init(hasIPv4: Bool = true) { self.hasIPv4 = hasIPv4 }

  deinit { for raw in descriptors { _ = FileDescriptor(owning: raw) } }

  /// The sockets, from now on the caller's, and those of them that need a shim to pass on what comes.
  consuming func release() -> (sockets: [Int32], relayed: [RelayedPort]) {
    let sockets = descriptors
    descriptors = []
    return (sockets: sockets, relayed: relayed)
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

  /// On all addresses that the request names, or on none.
  private mutating func reserve(
    _ request: PortRequest, at hostPort: UInt16, in table: PortTable
  ) throws(EngineError) {
    let before = (ports.count, descriptors.count, relayed.count)
    var hostPort = hostPort
    do throws(EngineError) {
      for address in request.hostAddresses {
        let port = PublishedPort(
          transport: request.transport, containerPort: request.containerPort, hostAddress: address,
          hostPort: hostPort)
        hostPort = try reserve(port, in: table, besidesIPv4: request.hostAddresses.contains(.anyIPv4))
      }
    } catch {
      for raw in descriptors[before.1...] { _ = FileDescriptor(owning: raw) }
      ports.removeSubrange(before.0...)
      descriptors.removeSubrange(before.1...)
      relayed.removeSubrange(before.2...)
      throw error
    }
  }

  /// The port, which the kernel chooses where it is 0.
  private mutating func reserve(
    _ wanted: PublishedPort, in table: PortTable, besidesIPv4: Bool
  ) throws(EngineError) -> UInt16 {
    var port = wanted
    if port.hostPort != 0 { try requireFree(port, in: table) }
    port.hostPort = try keep(port.transport, port.hostAddress, port.hostPort)
    if wanted.hostPort == 0 { try requireFree(port, in: table) }
    if port.hostAddress.isIPv6 { try addRelay(&port, besidesIPv4: besidesIPv4) }
    ports.append(port)
    return port.hostPort
  }

  /// What comes over IPv6, and is not led to the container's own IPv6 address, enters it by a port of 127.0.0.1: the
  /// same one where that leads there already, otherwise one that the kernel chooses.
  private mutating func addRelay(_ port: inout PublishedPort, besidesIPv4: Bool) throws(EngineError) {
    let place = descriptors.count - 1
    if hasIPv4, !besidesIPv4 { port.ownLoopbackPort = try keep(port.transport, .loopback, 0) }
    relayed.append(
      RelayedPort(
        socket: place, transport: port.transport == .udp ? .udp : .tcp, containerPort: port.containerPort,
        loopbackPort: hasIPv4 ? port.ownLoopbackPort ?? port.hostPort : nil))
  }

  /// Binds a socket; answers its port.
  private mutating func keep(
    _ transport: PublishedPort.Transport, _ address: HostAddress, _ port: UInt16
  ) throws(EngineError) -> UInt16 {
    do throws(SyscallError) {
      let socket = try Self.bind(transport, address.endpoint(port))
      let chosen = try socket.localEndpoint()?.port ?? port
      descriptors.append(socket.release())
      return chosen
    } catch {
      let place = address.isIPv6 ? "6 [\(address)]" : "4 \(address)"
      throw EngineError(
        .internal, "listen \(transport.rawValue)\(place):\(port): bind: \(Self.words(error.errno))",
        cause: error)
    }
  }

  private func requireFree(_ port: PublishedPort, in table: PortTable) throws(EngineError) {
    var own = PortTable()
    own.add(ports, owner: "")
    guard table.isTaken(port) || own.isTaken(port) else { return }
    throw EngineError(
      .internal, "Bind for \(port.hostAddress):\(port.hostPort) failed: port is already allocated")
  }

  /// Bound and not listening, until the shim has it: what nobody takes is refused meanwhile, not left hanging.
  private static func bind(
    _ transport: PublishedPort.Transport, _ endpoint: InternetEndpoint
  ) throws(SyscallError) -> FileDescriptor {
    if transport == .udp { return try InternetSocket.bindUDP(endpoint) }
    if endpoint.isIPv6, endpoint.port == 0 { return try bindByNumber(endpoint) }
    do throws(SyscallError) {
      let socket = try InternetSocket.open(.tcp, ipv6: endpoint.isIPv6)
      try socket.bind(endpoint)
      return socket
    } catch  where error.errno == .addressInUse {
      // Connections of an earlier server may linger; then only a listening socket may have the port.
      let socket = try InternetSocket.listen(endpoint)
      try socket.stopListening()
      return socket
    }
  }

  /// On a port that the kernel chooses. It is then bound by its number, because one that was not is lost whenever a
  /// socket stops listening, as shims do where no server listens.
  private static func bindByNumber(_ endpoint: InternetEndpoint) throws(SyscallError) -> FileDescriptor {
    let probe = try InternetSocket.open(.tcp, ipv6: endpoint.isIPv6)
    try probe.bind(endpoint)
    let port = try probe.localEndpoint()?.port ?? 0
    _ = consume probe
    guard port != 0, let chosen = InternetEndpoint(address: endpoint.address, port: port) else {
      throw SyscallError(call: "bind", errno: .addressInUse)
    }
    return try bind(.tcp, chosen)
  }

  /// Go's words, lower case.
  private static func words(_ errno: Errno) -> String { errno.description.lowercased() }
}
