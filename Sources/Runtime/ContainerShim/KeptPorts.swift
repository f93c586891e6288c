import Linux

/// The sockets that keep a container's published ports from everybody else, also while the engine is away.
///
/// The kernel's rules lead connections to the container before they reach these. They listen all the same, so that
/// lsof(8) and ss(8) tell whoever looks for the holder of a port; a connection that no rule leads on (over another
/// family's 0.0.0.0, or after somebody has flushed the rules) is closed at once.
final class KeptPorts {
  private var doors: [Door] = []
  private var datagrams: [Int32] = []

  /// Takes over bound sockets with consecutive numbers.
  init(_ loop: Loop, first: Int32, count: Int) throws(SyscallError) {
    for raw in first..<(first + Int32(count)) {
      let socket = FileDescriptor(owning: raw)
      guard try socket.startListening() else {
        datagrams.append(socket.release())
        continue
      }
      try socket.setNonBlocking(true)
      let door = Door(loop, socket)
      doors.append(door)
      try door.open { _ = FileDescriptor(owning: $0) }
    }
  }

  deinit { close() }

  /// From now on others may have the ports.
  func close() {
    for door in doors { door.close() }
    doors = []
    for raw in datagrams { _ = FileDescriptor(owning: raw) }
    datagrams = []
  }
}
