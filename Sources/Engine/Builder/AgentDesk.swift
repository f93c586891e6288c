import DockerAPI
import EngineErrors
import Reactor

/// A client's connection to its ssh agent, however it travels.
public protocol AgentConnection: Sendable {
  /// None at the end.
  func read() async throws -> [UInt8]
  func write(_ bytes: [UInt8]) async throws
  /// Waits, without reading, until the client has gone.
  func untilGone() async
  func close()
}

/// Makes one more connection to an ssh agent.
public typealias AgentConnector = @Sendable () async throws -> any AgentConnection

/// Where clients leave connections to their ssh agents, and steps of their builds take them. Nothing of a build is left
/// when it is over.
public actor AgentDesk {
  /// A connection that waits, or is in use until `over` opens.
  final class Lender: Sendable {
    let connection: any AgentConnection
    let over = Latch()
    init(_ connection: any AgentConnection) { self.connection = connection }
  }

  private struct Loan {
    let ids: Set<String>
    var free: [String: [Lender]] = [:]
    var all: [Lender] = []
    /// Connections that steps wait for.
    var changes = Changes()
  }

  private var loans: [String: Loan] = [:]

  /// Connections that one build may have, waiting and in use.
  static let mostConnections = 64

  /// A build begins that may use these agents.
  func open(_ agents: BuildAgents) throws(EngineError) {
    guard loans[agents.token] == nil else {
      throw EngineError(.conflict, "another build has this token for its ssh agents")
    }
    loans[agents.token] = Loan(ids: Set(agents.ids))
  }

  /// The build is over.
  func close(_ agents: BuildAgents) {
    guard var loan = loans.removeValue(forKey: agents.token) else { return }
    for lender in loan.all { lender.over.open() }
    loan.changes.tell()
  }

  /// Whether a build is running that waits for connections to this agent.
  public func expects(_ id: String, token: String) -> Bool {
    guard let loan = loans[token] else { return false }
    return loan.ids.contains(id) && loan.all.count < Self.mostConnections
  }

  /// Offers a connection; returns, with it closed, when it was used, the build is over or the client has gone.
  public func lend(_ connection: any AgentConnection, to id: String, token: String) async {
    let lender = Lender(connection)
    if expects(id, token: token) {
      loans[token]?.free[id, default: []].append(lender)
      loans[token]?.all.append(lender)
      loans[token]?.changes.tell()
      // Cancelled means over, too.
      await untilFirst({ _ = try? await lender.over.wait() }, { await connection.untilGone() })
      loans[token]?.free[id]?.removeAll { $0 === lender }
      loans[token]?.all.removeAll { $0 === lender }
    }
    connection.close()
  }

  /// The next connection to an agent; waits for it. Nil when the build is over.
  func take(_ id: String, token: String) async throws(CancellationError) -> Lender? {
    while let latch = loans[token]?.changes.next() {
      if let lender = loans[token]?.free[id]?.popLast() { return lender }
      try await latch.wait()
    }
    return nil
  }
}
