import Linux
import Testing

@testable import Reactor

@Suite struct AlarmsTests {
  @Test func `the earliest is due first, whatever the order they came in`() {
    var alarms = Alarms()
    let (late, early, middle) = (Waiter(), Waiter(), Waiter())
    let past = Clock.monotonic - 1_000_000_000
    let isFirst = [(late, 30), (early, 10), (middle, 20)].map { alarms.add($0.0, at: past + $0.1) }
    #expect(isFirst == [true, true, false])
    let due = alarms.takeDue()
    #expect(due.count == 3)
    #expect(due.first === early)
    #expect(due.last === late)
    let more = alarms.takeDue()
    #expect(more.isEmpty)
  }

  @Test func `what is not due stays, and one that is given up never comes`() {
    var alarms = Alarms()
    let (kept, given) = (Waiter(), Waiter())
    let now = Clock.monotonic
    _ = alarms.add(kept, at: now + 60_000_000_000)
    _ = alarms.add(given, at: now - 1)
    alarms.remove(given)
    let more = alarms.takeDue()
    #expect(more.isEmpty)
    #expect(alarms.patience > 50_000)
    #expect(alarms.patience <= 60_000)
  }

  @Test func `without alarms epoll waits without end, with a due one not at all`() {
    var alarms = Alarms()
    #expect(alarms.patience == -1)
    _ = alarms.add(Waiter(), at: Clock.monotonic - 1)
    #expect(alarms.patience == 0)
    _ = alarms.takeDue()
    _ = alarms.add(Waiter(), at: .max)
    #expect(alarms.patience == .max)
  }

  @Test func `a sleep lasts its time, and ends at once when its task is cancelled`() async throws {
    let start = Clock.monotonic
    try await sleep(milliseconds: 20)
    #expect(Clock.monotonic - start >= 20_000_000)
    let sleeper = Task { try await sleep(milliseconds: .max) }
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }
}
