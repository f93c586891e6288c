import Linux
import ShimProtocol

/// A published TCP port for clients over IPv6.
///
/// It is open as long as a server in the container listens: before and after that clients are refused, as over IPv4,
/// and those that know another address try it at once. Nothing tells when a server begins to listen, so it is asked
/// for: the longer one has been waited for the more seldom, and whenever the container says something.
final class RelayedDoor {
  /// Nanoseconds. In between it is a part of the time that has been waited already.
  private static let shortestPause: Int64 = 5_000_000
  private static let longestPause: Int64 = 1_000_000_000
  private static let share: Int64 = 16

  private let loop: Loop
  private let socket: Int32
  private let port: RelayedPort
  private let targets: PortTargets
  private let servers: ContainerServers
  private let relays: Relays
  /// Nil also while there are too many connections.
  private var door: Door?
  private(set) var isListening = false
  /// Where a server was found, and among which addresses it was looked for.
  private var way: PortWay?
  private var known = PortTargets.Addresses()
  /// Since when a server is waited for, in nanoseconds of the monotonic clock; nil while nothing runs in the container.
  private var waitsSince: Int64?
  private var timer: Loop.Token?

  /// Takes the bound socket over.
  init(
    _ loop: Loop, _ socket: consuming FileDescriptor, _ port: RelayedPort, _ targets: PortTargets,
    _ servers: ContainerServers, _ relays: Relays
  ) throws(SyscallError) {
    try socket.setNonBlocking(true)
    self.loop = loop
    self.socket = socket.release()
    self.port = port
    self.targets = targets
    self.servers = servers
    self.relays = relays
  }

  deinit {
    loop.cancel(timer)
    door?.close()
    _ = FileDescriptor(owning: socket)
  }

  /// Something runs in the container.
  func containerStarted() {
    waitsSince = Clock.monotonic
    wait()
  }

  func containerEnded() {
    waitsSince = nil
    loop.cancel(timer)
    if isListening { stopListening() }
  }

  /// Looks whether there is a server, and opens or closes.
  func look() {
    guard waitsSince != nil else { return }
    known = targets.current
    way = port.ways(known).first { servers.has(port.containerPort, at: $0.server) }
    if way != nil, !isListening { startListening() }
    if way == nil, isListening {
      stopListening()
      waitsSince = Clock.monotonic
      wait()
    }
  }

  /// Takes connections again, where it had to stop because there were too many.
  func makeWay() {
    guard isListening, door == nil else { return }
    do throws(SyscallError) { try openDoor() } catch { Diagnostics.say("\(error)") }
  }

  private func wait() {
    guard let waitsSince, !isListening else { return }
    loop.cancel(timer)
    let waited = Clock.monotonic - waitsSince
    timer = loop.after(min(max(waited / Self.share, Self.shortestPause), Self.longestPause)) {
      [unowned self] in
      look()
      wait()
    }
  }

  private func startListening() {
    do throws(SyscallError) {
      _ = try borrow(socket) { socket throws(SyscallError) in try socket.startListening() }
      isListening = true
      loop.cancel(timer)
      try openDoor()
    } catch {
      // It is tried again with the next look.
      Diagnostics.say("\(error)")
      if isListening { stopListening() }
    }
  }

  private func stopListening() {
    isListening = false
    door?.close()
    door = nil
    do throws(SyscallError) {
      try borrow(socket) { socket throws(SyscallError) in try socket.stopListening() }
    } catch { Diagnostics.say("\(error)") }
  }

  private func openDoor() throws(SyscallError) {
    let listener = try borrow(socket) { socket throws(SyscallError) in try socket.duplicate() }
    let door = Door(loop, listener)
    try door.open { [unowned self] connection in take(connection) }
    self.door = door
  }

  private func take(_ connection: Int32) {
    let client = FileDescriptor(owning: connection)
    if targets.current != known { look() }
    guard let way else { return }
    relays.add(client, to: way.endpoint) { [unowned self] in look() }
    if relays.hasRoom { return }
    // The others wait in the kernel.
    door?.close()
    door = nil
  }
}
