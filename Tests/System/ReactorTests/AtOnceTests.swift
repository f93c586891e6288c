import Synchronization
import Testing

@testable import Reactor

private struct Refusal: Error, Equatable { let number: Int }

/// Answers later the earlier its item stands; refuses 3.
private func backwards(_ number: Int) async throws(Refusal) -> String? {
  for _ in number..<40 { await Task.yield() }
  if number == 3 { throw Refusal(number: number) }
  return number == 4 ? nil : "\(number)"
}

@Suite struct AtOnceTests {
  @Test func `results stand in the order of the items, not of their arrival`() async throws {
    let results = await resultsAtOnce(Array(0..<8)) { (number) async throws(Refusal) in
      try await backwards(number)
    }
    #expect(try results.prefix(3).map { try $0.get() } == ["0", "1", "2"])
    #expect(throws: Refusal(number: 3)) { try results[3].get() }
    #expect(try results.suffix(4).map { try $0.get() } == [nil, "5", "6", "7"])
    #expect(await resultsAtOnce([Int]()) { $0 }.isEmpty)
  }

  @Test func `no more are at work than the limit says, and none is left out`() async throws {
    let crowd = Crowd()
    let doubled = try await mapAtOnce(Array(0..<50), limit: 7) { (number: Int) async throws in
      crowd.enter()
      defer { crowd.leave() }
      for _ in 0..<number % 5 { await Task.yield() }
      return number * 2
    }
    #expect(doubled == (0..<50).map { $0 * 2 })
    #expect(crowd.most <= 7)
  }

  @Test func `the first error cancels what runs, keeps the rest from starting, and is the one thrown`() async
  {
    let begun = Mutex<[Int]>([])
    await #expect(throws: Refusal(number: 1)) {
      try await mapAtOnce(Array(0..<9), limit: 2) { number in
        begun.withLock { $0.append(number) }
        if number == 1 { throw Refusal(number: 1) }
        try await sleep(milliseconds: 60_000)
      }
    }
    #expect(begun.withLock { $0 }.sorted() == [0, 1])
  }
}
