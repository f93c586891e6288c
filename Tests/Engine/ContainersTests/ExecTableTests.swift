import DockerAPI
import Linux
import Testing

@testable import Containers

@Suite struct ExecTableTests {
  private func exec(_ id: Int, _ state: ExecSession.State) -> ExecSession {
    let session = ExecSession(id: String(id), request: ExecCreateRequest())
    session.state = state
    return session
  }

  @Test func `of those that do not run only the latest are kept`() {
    var table = ExecTable()
    var forgotten: [String] = []
    let most = ExecTable.mostAtRest
    forgotten += table.add(exec(-1, .running(pid: 5)), now: Clock.monotonic)
    for number in 0..<3 * most {
      forgotten += table.add(
        exec(number, number.isMultiple(of: 2) ? .ended(code: 0) : .created), now: Clock.monotonic)
      #expect(table.count <= most + 1 + ExecTable.slack)
    }
    // The first ones, and no more than must go.
    #expect(forgotten == (0..<forgotten.count).map(String.init))
    #expect(table.count == 3 * most + 1 - forgotten.count && table.count > most)
    #expect(table["-1"] != nil && table[String(forgotten.count)] != nil)
  }

  @Test func `what ended long ago is forgotten, what was never started is not`() {
    var table = ExecTable()
    let later = Clock.monotonic + ExecTable.keptAfterEnd + 60_000_000_000
    #expect(table.add(exec(1, .ended(code: 3)), now: Clock.monotonic) == [])
    #expect(table.add(exec(2, .created), now: Clock.monotonic) == [])
    #expect(table.add(exec(3, .running(pid: 7)), now: Clock.monotonic) == [])
    #expect(table.add(exec(4, .created), now: later) == ["1"])
    #expect(table.openIDs == ["2", "3", "4"] && table.count == 3)
  }
}
