import Linux
import Testing

@testable import Containers

/// A directory of its own, gone with the test.
private final class Place {
  let path: String
  init() throws {
    path = "/tmp/skiff-previous-\(Processes.ownID)-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories(path)
  }
  deinit {
    // Without root nothing of it is anybody else's.
    try? Files.removeTree(path)
  }
  var logs: PreviousLogs { PreviousLogs(directory: "\(path)/previous") }

  func write(_ text: String, at name: String) throws -> String {
    try Files.write("\(path)/\(name)", text.utf8)
    return "\(path)/\(name)"
  }
}

private func about(_ id: String) -> PreviousLogs.About { .init(id: id, terminal: false) }

@Suite struct PreviousLogsTests {
  @Test func `the latest log of a name is kept with its turned files, and found by id too`() throws {
    let place = try Place()
    for text in ["first", "second"] {
      _ = try place.write("\(text) turned", at: "\(text)-json.log.1")
      try place.logs.keep(place.write(text, at: "\(text)-json.log"), name: "web", about("\(text)-id"))
    }
    let found = try #require(place.logs.find("web"))
    #expect(try Files.text(found.path) == "second" && found.about.id == "second-id")
    #expect(try Files.text("\(found.path).1") == "second turned")
    #expect(place.logs.find("second-i")?.path == found.path)
    #expect(place.logs.find("first-i") == nil && place.logs.find("sec") == nil)
  }

  @Test func `one that wrote nothing leaves nothing`() throws {
    let place = try Place()
    try place.logs.keep(place.write("old", at: "log"), name: "web", about("1"))
    try place.logs.keep(place.write("", at: "log"), name: "web", about("2"))
    #expect(place.logs.find("web") == nil)
    try place.logs.keep("\(place.path)/nothing", name: "web", about("3"))
  }

  @Test func `what is forgotten is gone`() throws {
    let place = try Place()
    try place.logs.keep(place.write("x", at: "log"), name: "web", about("1"))
    try place.logs.forget("web")
    try place.logs.forget("never")
    #expect(place.logs.find("web") == nil)
  }

  @Test(arguments: [
    "", ".", "..", "../web", "a/b", ".web", "we b", "wéb", String(repeating: "a", count: 300),
  ])
  func `what is no name finds nothing`(_ name: String) throws {
    let place = try Place()
    try place.logs.keep(place.write("x", at: "log"), name: name, about("1"))
    #expect(place.logs.find(name) == nil)
    #expect(Files.exist("\(place.path)/log"))
  }

  @Test func `the oldest go when there are too many, and all that are too old`() throws {
    let place = try Place()
    let logs = place.logs
    for number in 0..<PreviousLogs.mostNames + 3 {
      try logs.keep(place.write("x", at: "log"), name: "c\(1000 + number)", about("\(number)"))
    }
    let now = Clock.realtime / 1_000_000_000
    try logs.tidy(now: now)
    #expect(try Files.names(in: logs.directory).count == PreviousLogs.mostNames)
    #expect(logs.find("c\(1000 + PreviousLogs.mostNames + 2)") != nil)
    try logs.tidy(now: now + PreviousLogs.longestSeconds + 60)
    #expect(try Files.names(in: logs.directory).isEmpty)
  }

  @Test func `the largest go before there is too much, but for the latest`() throws {
    let place = try Place()
    let logs = place.logs
    let large = String(repeating: "x", count: Int(PreviousLogs.mostBytes / 2) + 1)
    for name in ["a", "b"] { try logs.keep(place.write(large, at: "log"), name: name, about(name)) }
    try logs.tidy(now: Clock.realtime / 1_000_000_000)
    #expect(try Files.names(in: logs.directory).count == 1)
  }
}
