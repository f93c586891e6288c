import Linux
import ShimProtocol

/// A published UDP port for clients over IPv6. Each client gets a socket of its own toward the container, so that
/// answers find their way back; one that nobody has used for a while is closed.
final class RelayedDatagrams {
  /// Nanoseconds: as long as docker's proxy remembers a client.
  private static let patience: Int64 = 90_000_000_000
  private static let mostClients = 256
  /// Datagrams that are taken before others have their turn.
  private static let turn = 64

  private struct Client {
    let socket: Int32
    let token: Loop.Token
    var lastUse: Int64
  }

  private let loop: Loop
  private let socket: Int32
  private let port: RelayedPort
  private let targets: PortTargets
  /// Where the clients' datagrams go now; nil is nowhere.
  private var target: InternetEndpoint?
  private var token: Loop.Token?
  private var clients: [DatagramPath: Client] = [:]
  private var timer: Loop.Token?

  /// Takes the bound socket over.
  init(_ loop: Loop, _ socket: consuming FileDescriptor, _ port: RelayedPort, _ targets: PortTargets)
    throws(SyscallError)
  {
    try socket.setNonBlocking(true)
    try socket.tellPaths()
    self.loop = loop
    self.port = port
    self.targets = targets
    self.socket = socket.release()
    token = try loop.watch(self.socket, .readable) { [unowned self] _ in receive() }
  }

  deinit {
    loop.cancel(timer)
    for path in Array(clients.keys) { forget(path) }
    if let token { loop.forget(token, socket) }
    _ = FileDescriptor(owning: socket)
  }

  private func receive() {
    let now = port.ways(targets.current).first?.endpoint
    if now != target {
      target = now
      for path in Array(clients.keys) { forget(path) }
    }
    for _ in 0..<Self.turn {
      do throws(SyscallError) {
        let (bytes, path) = try borrow(socket) { socket throws(SyscallError) in
          let datagram = try socket.receiveWithPath()
          return (datagram.bytes, datagram.path)
        }
        try pass(bytes, from: path)
      } catch {
        if error.errno == .wouldBlock { return }
        // Lost on the way, as datagrams may be.
      }
    }
  }

  private func pass(_ bytes: [UInt8], from path: DatagramPath) throws(SyscallError) {
    let client: Client
    if let known = clients[path] { client = known } else { client = try welcome(path) }
    clients[path]?.lastUse = Clock.monotonic
    _ = try borrow(client.socket) { socket throws(SyscallError) in try socket.sendSome(bytes[...]) }
  }

  private func welcome(_ path: DatagramPath) throws(SyscallError) -> Client {
    if clients.count >= Self.mostClients,
      let oldest = clients.min(by: { $0.value.lastUse < $1.value.lastUse })
    {
      forget(oldest.key)
    }
    guard let target else { throw SyscallError(call: "connect", errno: .networkUnreachable) }
    let onward = try InternetSocket.connectUDP(target)
    let raw = onward.rawValue
    let token = try loop.watch(raw, .readable) { [unowned self] _ in answer(path, raw) }
    let client = Client(socket: onward.release(), token: token, lastUse: Clock.monotonic)
    clients[path] = client
    if timer == nil { sweepLater() }
    return client
  }

  private func answer(_ path: DatagramPath, _ raw: Int32) {
    clients[path]?.lastUse = Clock.monotonic
    for _ in 0..<Self.turn {
      do throws(SyscallError) {
        let bytes = try borrow(raw) { socket throws(SyscallError) in try socket.read(upTo: 65535) }
        try borrow(socket) { socket throws(SyscallError) in try socket.answer(path, with: bytes) }
      } catch {
        if error.errno == .wouldBlock { return }
        // Nobody listens in there now, or the client cannot be reached: lost on the way.
      }
    }
  }

  private func sweepLater() {
    timer = loop.after(Self.patience / 3) { [unowned self] in
      timer = nil
      let limit = Clock.monotonic - Self.patience
      for (path, client) in clients where client.lastUse < limit { forget(path) }
      if !clients.isEmpty { sweepLater() }
    }
  }

  private func forget(_ path: DatagramPath) {
    guard let client = clients.removeValue(forKey: path) else { return }
    loop.forget(client.token, client.socket)
    _ = FileDescriptor(owning: client.socket)
  }
}
