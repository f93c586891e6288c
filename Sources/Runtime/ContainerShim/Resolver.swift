import DNSMessages
import Linux
import Netlink

/// The name server at 127.0.0.11 inside the container's network namespace, over UDP and TCP.
final class Resolver {
  static let address: [UInt8] = [127, 0, 0, 11]
  /// Questions on their way to an upstream, and TCP clients, at the same time.
  static let mostForwards = 256
  static let mostConnections = 64
  /// The longest answer over UDP, whatever the client says it takes.
  static let longestDatagram = 4096

  private let loop: Loop
  private let files: NameFiles
  private let datagrams: Int32
  private let door: Door
  private var answers = NameAnswers()
  private var forwards: [ObjectIdentifier: Forward] = [:]
  private var connections: [ObjectIdentifier: ResolverConnection] = [:]

  /// Opens its sockets in the namespace at `namespace`, and comes back.
  init(_ loop: Loop, file: String, namespace: String) throws(SyscallError) {
    self.loop = loop
    files = NameFiles(file)
    let sockets = try ResolverSockets.open(at: Self.address, in: namespace)
    datagrams = sockets.udp
    door = Door(loop, FileDescriptor(owning: sockets.tcp))
    _ = try loop.watch(datagrams, .readable) { [unowned self] _ in takeDatagram() }
    try door.open { [unowned self] raw in accept(raw) }
  }

  private func accept(_ raw: Int32) {
    let socket = FileDescriptor(owning: raw)
    guard connections.count < Self.mostConnections else { return }
    let connection = ResolverConnection(loop, socket)
    let name = ObjectIdentifier(connection)
    connections[name] = connection
    connection.onQuestion = { [unowned self, unowned connection] message in
      resolve(message, overTCP: true) { [weak connection] in connection?.send($0) }
    }
    connection.onClose = { [unowned self] in connections[name] = nil }
    connection.begin()
  }

  private func takeDatagram() {
    // One that cannot be received is as good as lost on the way; its sender asks again.
    guard
      let (bytes, sender) = try? borrow(
        datagrams, { socket throws(SyscallError) in try socket.receiveDatagram() }),
      let sender
    else { return }
    resolve(bytes, overTCP: false) { [unowned self] answer in
      // The same holds for answers.
      _ = try? borrow(datagrams) { socket throws(SyscallError) in try socket.send(answer, to: sender) }
    }
  }

  /// Answers one message, now or when an upstream has.
  private func resolve(_ message: [UInt8], overTCP: Bool, _ reply: @escaping ([UInt8]) -> Void) {
    let query: DNSQuery
    do {
      query = try DNSQuery(reading: message[...])
    } catch {
      if case .refuse(let id, let code) = error { reply(DNSAnswer.refusal(id: id, code)) }
      return
    }
    let table = files.table
    let limit = overTCP ? 65535 : min(query.payloadSize ?? 512, Self.longestDatagram)
    switch answers.decide(query, table, limit: limit) {
    case .answer(let answer): reply(answer)
    case .forward: forward(query, message, table.upstreams, overTCP: overTCP, reply)
    }
  }

  private func forward(
    _ query: DNSQuery, _ message: [UInt8], _ upstreams: [InternetEndpoint], overTCP: Bool,
    _ reply: @escaping ([UInt8]) -> Void
  ) {
    guard forwards.count < Self.mostForwards else { return reply(failure(query)) }
    let forward = Forward(loop, query, message, upstreams, overTCP: overTCP)
    let name = ObjectIdentifier(forward)
    forwards[name] = forward
    forward.begin { [unowned self] answer in
      forwards[name] = nil
      reply(answer ?? failure(query))
    }
  }

  private func failure(_ query: DNSQuery) -> [UInt8] {
    DNSAnswer.encode(to: query, .serverFailure, limit: 512)
  }
}
