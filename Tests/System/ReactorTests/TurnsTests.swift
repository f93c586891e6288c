import Synchronization
import Testing

@testable import Reactor

/// How many are through, and how many there were at most.
final class Crowd: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  func enter() {
    counts.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
  }

  func leave() { counts.withLock { $0.now -= 1 } }
  var most: Int { counts.withLock { $0.most } }
}

@Suite struct TurnsTests {
  private func most(_ turns: Turns, tasks: Int) async throws -> Int {
    let crowd = Crowd()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<tasks {
        group.addTask {
          try await turns.take()
          crowd.enter()
          for _ in 0..<20 { await Task.yield() }
          crowd.leave()
          turns.pass()
        }
      }
      try await group.waitForAll()
    }
    return crowd.most
  }

  @Test func `as many are through at once as the limit says`() async throws {
    #expect(try await most(Turns(), tasks: 50) == 1)
    #expect(try await most(Turns(limit: 3), tasks: 50) <= 3)
  }

  @Test func `a higher limit lets those through who wait`() async throws {
    let turns = Turns(limit: 1)
    try await turns.take()
    let second = Task { try await turns.take() }
    turns.change(limit: 2)
    try await second.value
    // A lower one calls nobody back, and holds for the next.
    turns.change(limit: 1)
    turns.pass()
    let third = Task { try await turns.take() }
    turns.pass()
    try await third.value
    turns.pass()
    try await turns.take()
  }

  @Test func `whoever leaves firm turns hears whether somebody waits`() async {
    let turns = FirmTurns()
    await turns.enter()
    let second = Task { await turns.enter() }
    while !turns.isAwaited { await Task.yield() }
    #expect(!turns.leave())
    await second.value
    #expect(turns.leave())
  }

  @Test func `who is cancelled gives up his place`() async throws {
    let turns = Turns()
    try await turns.take()
    let impatient = Task { try await turns.take() }
    impatient.cancel()
    await #expect(throws: CancellationError.self) { try await impatient.value }
    turns.pass()
    try await turns.take()
  }
}
