import SeededNumbers
import Testing

@testable import Reactor

@Suite struct RegistrationTableTests {
  @Test func `numbers lead to their registrations, and to nothing once those are taken out`() {
    var numbers = SeededNumbers(seed: 3)
    var table = RegistrationTable()
    var standing: [(number: UInt64, registration: Registration)] = []
    var gone: [UInt64] = []
    for _ in 0..<2000 {
      if standing.isEmpty || Int.random(in: 0..<3, using: &numbers) > 0 && standing.count < 40 {
        let registration = Registration(-1)
        standing.append((table.add(registration), registration))
      } else {
        let taken = standing.remove(at: Int.random(in: 0..<standing.count, using: &numbers))
        table.remove(taken.number)
        // Again, when the place may have another already.
        table.remove(gone.randomElement(using: &numbers) ?? 0)
        gone.append(taken.number)
      }
    }
    #expect(standing.allSatisfy { table[$0.number] === $0.registration && $0.number != 0 })
    #expect(gone.allSatisfy { table[$0] == nil })
    #expect(Set(gone + standing.map(\.number)).count == gone.count + standing.count)
    #expect(table[0] == nil && table[.max] == nil)
  }
}
