import Synchronization
import Testing

@testable import Reactor

@Suite struct PassingTests {
  @Test func `the first to end ends the others, and all have ended afterwards`() async {
    let never = Latch()
    let ended = Atomic(0)
    await untilFirst(
      {},
      {
        await #expect(throws: CancellationError.self) { try await never.wait() }
        ended.add(1, ordering: .relaxed)
      },
      {
        await #expect(throws: CancellationError.self) { try await never.wait() }
        ended.add(1, ordering: .relaxed)
      })
    #expect(ended.load(ordering: .relaxed) == 2)
  }
}
