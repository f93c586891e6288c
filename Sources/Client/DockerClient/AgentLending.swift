import DockerAPI
import HTTP
import Linux
import Reactor

extension DockerClient {
  /// Lends ssh agents to the build that `body` asks for, and takes them back when it returns or throws. `sockets` has
  /// each agent's socket by its id; without any nothing is lent. Only Skiff's engine can use them.
  public func lending<Value>(
    _ sockets: [String: String], _ body: (BuildAgents?) async throws -> Value
  ) async throws -> Value {
    guard !sockets.isEmpty else { return try await body(nil) }
    try await requireSkiff(
      orSay: "this engine takes no ssh agents from skiff: docker's are lent by BuildKit's protocol")
    guard sockets.count <= BuildAgents.mostIDs else {
      throw APIError(status: 400, message: "a build takes \(BuildAgents.mostIDs) ssh agents at most")
    }
    let agents = BuildAgents(lending: sockets.keys.sorted())
    let lending = Task { await lend(sockets, agents.token) }
    defer { lending.cancel() }
    return try await body(agents)
  }

  private func lend(_ sockets: [String: String], _ token: String) async {
    await withTaskGroup(of: Void.self) { group in
      for (id, socket) in sockets { group.addTask { await lend(id, socket, token) } }
    }
  }

  /// One connection waits at a time; those in use go on beside it.
  private func lend(_ id: String, _ socket: String, _ token: String) async {
    await withTaskGroup(of: Void.self) { group in
      while let connection = await waitingConnection(id, token) {
        // None when the build is over.
        guard let first = try? await connection.read(), !first.isEmpty else { break }
        group.addTask { await Self.carry(connection, first, socket) }
      }
      group.cancelAll()
    }
  }

  /// A connection that the engine has taken; nil when it takes none. The build itself may be a moment behind.
  private func waitingConnection(_ id: String, _ token: String) async -> RawConnection? {
    var query = Query()
    query.set("token", token)
    query.set("id", id)
    for pause in [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120] {
      // What cannot be reached now is tried again, and in the end the build says what is missing.
      if let connection = try? await upgrade("/build/agent", query) { return connection }
      guard (try? await sleep(milliseconds: pause)) != nil else { return nil }
    }
    return nil
  }

  private static func carry(_ connection: RawConnection, _ first: [UInt8], _ socket: String) async {
    defer { connection.close() }
    // An agent that is gone is an end like any other.
    guard let agent = try? await Connect.unix(socket) else { return }
    defer { agent.close() }
    await untilFirst(
      { await passOn(first: first, from: { try await connection.read() }, to: agent.write) },
      { await passOn(from: { try await agent.read() }, to: connection.write) })
  }
}
