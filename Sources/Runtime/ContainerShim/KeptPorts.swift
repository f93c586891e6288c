import Linux

/// The sockets that keep a container's published ports from everybody else, also while the engine is away.
///
/// Over IPv4 the kernel's rules lead connections to the container before they reach these. They listen all the same,
/// so that lsof(8) and ss(8) tell whoever looks for the holder of a port; a connection that no rule leads on, because
/// somebody has flushed them, is closed at once. Connections over IPv6 are taken here and passed on.
final class KeptPorts {
  /// At the same time; whoever comes then is closed.
  private static let mostRelays = 1024

  private let loop: Loop
  private var doors: [Door] = []
  private var datagrams: [Int32] = []
  private var relays: [ObjectIdentifier: Relay] = [:]

  /// Takes over bound sockets with consecutive numbers.
  init(_ loop: Loop, first: Int32, count: Int) throws(SyscallError) {
    self.loop = loop
    for raw in first..<(first + Int32(count)) { try keep(FileDescriptor(owning: raw)) }
  }

  deinit { close() }

  /// From now on others may have the ports. What was passed on until now goes on.
  func close() {
    for door in doors { door.close() }
    doors = []
    for raw in datagrams { _ = FileDescriptor(owning: raw) }
    datagrams = []
  }

  private func keep(_ socket: consuming FileDescriptor) throws(SyscallError) {
    guard try socket.startListening() else { return datagrams.append(socket.release()) }
    try socket.setNonBlocking(true)
    let own = try socket.localEndpoint()
    let door = Door(loop, socket)
    doors.append(door)
    try door.open { [unowned self] connection in
      let connection = FileDescriptor(owning: connection)
      if let own, own.isIPv6 { passOn(connection, port: own.port) }
    }
  }

  private func passOn(_ connection: consuming FileDescriptor, port: UInt16) {
    guard relays.count < Self.mostRelays else { return }
    do throws(SyscallError) {
      let relay = try Relay(loop, connection, port: port)
      let key = ObjectIdentifier(relay)
      relays[key] = relay
      relay.onEnd = { [unowned self] in
        // It is called by what it is about to leave.
        _ = loop.after(0) { [unowned self] in relays[key] = nil }
      }
    } catch { Diagnostics.say("a connection over IPv6 to port \(port): \(error)") }
  }
}
