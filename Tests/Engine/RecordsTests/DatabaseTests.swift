import EngineErrors
import Testing

@testable import Records

private struct Thing: Codable, Equatable, Sendable {
  var name: String
  var count: Int
}

@Suite struct DatabaseTests {
  /// Kept by the suite, so that the file is there as long as the test runs.
  private let file = TemporaryFile()

  @Test func `a value is found again after reopening`() async throws {
    let first = Table<Thing>("things", in: try Database(path: file.path))
    try await first.put("b", Thing(name: "bee", count: 2))
    try await first.put("a", Thing(name: "", count: -1))
    try await first.put("b", Thing(name: "bee", count: 3))
    let again = Table<Thing>("things", in: try Database(path: file.path))
    #expect(try again.all().map(\.key) == ["a", "b"])
    #expect(try again.value(of: "b") == Thing(name: "bee", count: 3))
    #expect(try again.value(of: "c") == nil)
  }

  @Test func `a value that cannot be read is left out and left alone`() async throws {
    let database = try Database(path: file.path)
    try await Table<Thing>("things", in: database).put("good", Thing(name: "bee", count: 2))
    try await Table<String>("things", in: database).put("torn", "nothing of the kind")
    let again = try Database(path: file.path)
    #expect(again.isWhole)
    #expect(try Table<Thing>("things", in: again).all().map(\.key) == ["good"])
    #expect(!again.isWhole)
    #expect(throws: EngineError.self) { try Table<Thing>("things", in: again).value(of: "torn") }
    #expect(try Table<String>("things", in: again).value(of: "torn") == "nothing of the kind")
  }

  @Test func `one without records is not whole`() async throws {
    let fresh = try Database(path: file.path)
    #expect(fresh.wasEmpty && !fresh.isWhole)
    try await Table<String>("words", in: fresh).put("x", "word")
    let again = try Database(path: file.path)
    #expect(!again.wasEmpty && again.isWhole)
  }

  @Test func `tables do not see each other, and removing is idempotent`() async throws {
    let database = try Database(path: file.path)
    let things = Table<Thing>("things", in: database)
    let words = Table<String>("words", in: database)
    try await things.put("x", Thing(name: "x", count: 1))
    try await words.put("x", "word")
    try await things.remove("x")
    try await things.remove("x")
    #expect(try things.all().isEmpty)
    #expect(try words.value(of: "x") == "word")
  }

  @Test func `a transaction whose body throws writes nothing`() async throws {
    let database = try Database(path: file.path)
    let words = Table<String>("words", in: database)
    await #expect(throws: EngineError.self) {
      try await database.transaction { (batch) throws(EngineError) in
        try batch.put("a", "1", in: words)
        throw EngineError(.conflict, "no")
      }
    }
    #expect(try words.all().isEmpty)
    try await database.transaction { (batch) throws(EngineError) in
      try batch.put("a", "1", in: words)
      try batch.put("b", "2", in: words)
      batch.remove("a", in: words)
    }
    #expect(try words.all().map(\.value) == ["2"])
  }

  @Test func `a file that is no database is refused, not replaced`() throws {
    let text = Array("this is certainly no database file, but a letter of some length".utf8)
    try file.write(text + text)
    #expect(throws: EngineError.self) { try Database(path: file.path) }
    #expect(try file.read() == text + text)
  }

  @Test func `of a large database few pages are kept in memory`() throws {
    var connection = try Connection.open(file.path)
    try connection.apply(
      (0..<1000).map { .put(table: "things", key: "\($0)", value: [UInt8](repeating: 7, count: 3000)) })
    #expect(try connection.rows(of: "things").count == 1000)
    #expect(connection.cached > 0 && connection.cached < 2 * Connection.cache << 10)
  }
}
