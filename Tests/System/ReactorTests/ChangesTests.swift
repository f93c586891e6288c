import Synchronization
import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(1))) struct ChangesTests {
  /// A number that tasks wait for.
  private final class Counter: Sendable {
    private let state = Mutex((number: 0, changes: Changes()))

    func rise() {
      state.withLock { state in
        state.number += 1
        state.changes.tell()
      }
    }

    func reaches(_ number: Int) async throws {
      while true {
        let latch = state.withLock { $0.number < number ? $0.changes.next() : nil }
        guard let latch else { return }
        try await latch.wait()
      }
    }
  }

  @Test func `who waits for a change misses none`() async throws {
    let (up, down) = (Counter(), Counter())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 1...2000 {
          try await up.reaches(number)
          down.rise()
        }
      }
      group.addTask {
        for number in 1...2000 {
          up.rise()
          try await down.reaches(number)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func `all who wait for one change are told of it at once, and of that alone`() {
    var changes = Changes()
    let (first, second) = (changes.next(), changes.next())
    #expect(first === second)
    changes.tell()
    let third = changes.next()
    #expect(first.isOpen && !third.isOpen)
    changes.tell()
    #expect(third.isOpen)
  }
}
