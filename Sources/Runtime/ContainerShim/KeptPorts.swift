import Linux
import ShimProtocol

/// The sockets that keep a container's published ports from everybody else, also while the engine is away.
///
/// Over IPv4 the kernel's rules lead connections to the container before they reach these. They listen all the same, so
/// that lsof(8) and ss(8) tell whoever looks for the holder of a port; a connection that no rule leads on, because
/// somebody has flushed them, is closed at once. What comes over IPv6 is passed on from here.
final class KeptPorts {
  /// Nanoseconds between two looks whether a server is still there.
  private static let patience: Int64 = 5_000_000

  private let loop: Loop
  private let relays: Relays
  private var doors: [Door] = []
  private var datagrams: [Int32] = []
  private var relayedDoors: [RelayedDoor] = []
  private var relayedDatagrams: [RelayedDatagrams] = []
  private var lastLook: Int64 = 0

  /// Takes over the sockets of a container that are bound from descriptor `first` on.
  init(_ loop: Loop, _ spec: ShimSpec, first: Int32) throws(SyscallError) {
    self.loop = loop
    relays = try Relays(loop)
    let servers = ContainerServers(namespace: spec.networkNamespace ?? "/proc/self/ns/net")
    let targets = PortTargets(spec.portTargets)
    for number in 0..<max(0, spec.keptPorts ?? 0) {
      let socket = FileDescriptor(owning: first + Int32(number))
      switch (spec.relayedPorts ?? []).first(where: { $0.socket == number }) {
      case let port? where port.transport == .tcp:
        relayedDoors.append(try RelayedDoor(loop, socket, port, targets, servers, relays))
      case let port?: relayedDatagrams.append(try RelayedDatagrams(loop, socket, port, targets))
      case nil: try keep(socket)
      }
    }
    relays.onRoom = { [unowned self] in for door in relayedDoors { door.makeWay() } }
  }

  deinit { close() }

  /// Something runs in the container, which may begin to serve.
  func containerStarted() { for door in relayedDoors { door.containerStarted() } }

  /// Nothing runs in it any more.
  func containerEnded() {
    for door in relayedDoors { door.containerEnded() }
    relays.flush()
  }

  /// The container has said something, perhaps that it serves now.
  func look() {
    guard !relayedDoors.isEmpty else { return }
    let now = Clock.monotonic
    let isDue = now - lastLook >= Self.patience
    if isDue { lastLook = now }
    for door in relayedDoors where isDue || !door.isListening { door.look() }
  }

  /// From now on others may have the ports. What is being passed on goes on.
  func close() {
    for door in doors { door.close() }
    doors = []
    for raw in datagrams { _ = FileDescriptor(owning: raw) }
    datagrams = []
    relayedDoors = []
    relayedDatagrams = []
  }

  private func keep(_ socket: consuming FileDescriptor) throws(SyscallError) {
    guard try socket.startListening() else { return datagrams.append(socket.release()) }
    try socket.setNonBlocking(true)
    let door = Door(loop, socket)
    doors.append(door)
    try door.open { _ = FileDescriptor(owning: $0) }
  }
}
