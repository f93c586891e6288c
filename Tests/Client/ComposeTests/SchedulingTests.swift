import Synchronization
import Testing

@testable import Compose

private final class Journal: Sendable {
  private let entries = Mutex<[String]>([])
  func add(_ entry: String) { entries.withLock { $0.append(entry) } }
  var all: [String] { entries.withLock { $0 } }
}

private struct Broken: Error {}

@Test func `each waits for those it needs`() async throws {
  let journal = Journal()
  try await runInOrder(["a": ["b", "c"], "b": ["c"], "c": []]) { journal.add($0) }
  #expect(journal.all == ["c", "b", "a"])
}

@Test func `an error keeps the rest from starting`() async {
  let journal = Journal()
  await #expect(throws: Broken.self) {
    try await runInOrder(["a": ["b"], "b": []]) { key in
      if key == "b" { throw Broken() }
      journal.add(key)
    }
  }
  #expect(journal.all.isEmpty)
}

@Test func `a wrong flag is told in one line`() {
  let error = #expect(throws: ComposeFailure.self) {
    try Subcommand.parse(ConfigCommand.entry.syntax("docker compose config"), ["--nosuch"])
  }
  #expect(error?.description == "unknown flag: --nosuch")
  #expect(error?.status == 1)
}
