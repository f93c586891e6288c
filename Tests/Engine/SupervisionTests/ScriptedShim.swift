import JSON
import Linux
import Reactor
import ShimProtocol

@testable import Supervision

/// The other side of the protocol, played by the test.
final class ScriptedShim: Sendable {
  let directory = "/tmp/skiff-supervision-\(UInt64.random(in: 0 ... .max))"
  let supervisor: Supervisor
  private let listener: Listener

  init(_ id: String = "c1") throws {
    try Files.makeDirectories("\(directory)/shims")
    supervisor = Supervisor(shimPath: "/nowhere/skiff-shim", execRoot: directory)
    listener = try Listener.unix(path: supervisor.socketPath(id), mode: 0o600)
  }

  deinit {
    listener.close()
    // A directory that stays behind is no reason to fail a test.
    try? Files.removeTree(directory)
  }

  var exitFile: String { "\(directory)/exit.json" }

  /// The next connection, after its request was read.
  func accept() async throws -> (peer: ScriptedPeer, request: ShimRequest) {
    let peer = ScriptedPeer(connection: ShimConnection(try await listener.accept()))
    guard let frame = try await peer.connection.next() else {
      throw SyscallError(call: "read", errno: .noData)
    }
    return (peer, try JSON.decode(ShimRequest.self, from: frame.payload))
  }
}

struct ScriptedPeer: Sendable {
  let connection: ShimConnection
  func reply(_ reply: ShimReply) async throws { try await connection.send(.reply, JSON.encode(reply)) }
  func tell(_ event: ShimEvent) async throws { try await connection.send(.event, JSON.encode(event)) }
}
