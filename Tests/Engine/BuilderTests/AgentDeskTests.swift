import DockerAPI
import EngineErrors
import Reactor
import Synchronization
import Testing

@testable import Builder

/// A connection that says nothing and is gone when it is closed.
private final class SilentConnection: AgentConnection {
  private let ended = Latch()
  var isClosed: Bool { ended.isOpen }

  func read() async throws -> [UInt8] {
    try await ended.wait()
    return []
  }
  func write(_ bytes: [UInt8]) async throws {}
  func untilGone() async { _ = try? await ended.wait() }
  func close() { ended.open() }
}

@Suite struct AgentDeskTests {
  private let desk = AgentDesk()
  private let agents = BuildAgents(lending: ["default"])

  private func lend(_ connection: SilentConnection, token: String? = nil) -> Task<Void, Never> {
    let (desk, token) = (desk, token ?? agents.token)
    return Task { await desk.lend(connection, to: "default", token: token) }
  }

  @Test func `a connection that is lent goes to who takes it, earlier or later`() async throws {
    try await desk.open(agents)
    let connection = SilentConnection()
    let (desk, token) = (desk, agents.token)
    let taking = Task { try await desk.take("default", token: token) }
    let lending = lend(connection)
    let lender = try #require(try await taking.value)
    #expect(lender.connection as? SilentConnection === connection && !connection.isClosed)
    lender.over.open()
    await lending.value
    #expect(connection.isClosed)
  }

  @Test func `nothing is left of a build that is over`() async throws {
    try await desk.open(agents)
    let (desk, token) = (desk, agents.token)
    let connection = SilentConnection()
    let lending = lend(connection)
    _ = try await desk.take("default", token: token)
    let waiting = Task { try await desk.take("default", token: token) }
    await desk.close(agents)
    await lending.value
    #expect(connection.isClosed)
    #expect(try await waiting.value == nil)
    #expect(await desk.expects("default", token: token) == false)
  }

  @Test func `who is not expected is sent away at once`() async throws {
    let connection = SilentConnection()
    await lend(connection).value
    #expect(connection.isClosed)
    try await desk.open(agents)
    #expect(await desk.expects("default", token: agents.token))
    #expect(await desk.expects("other", token: agents.token) == false)
    await #expect(throws: EngineError.self) { try await desk.open(agents) }
    let stranger = SilentConnection()
    await lend(stranger, token: ObjectID.random()).value
    #expect(stranger.isClosed)
  }

  @Test func `a client that goes takes its connection along`() async throws {
    try await desk.open(agents)
    let gone = SilentConnection()
    let lending = lend(gone)
    gone.close()
    await lending.value
    let here = SilentConnection()
    let staying = lend(here)
    let lender = try #require(try await desk.take("default", token: agents.token))
    #expect(lender.connection as? SilentConnection === here)
    await desk.close(agents)
    await staying.value
  }
}
