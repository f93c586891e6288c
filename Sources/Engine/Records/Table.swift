import EngineErrors
import JSON
import Linux

/// Values of one type by key, kept as JSON.
public struct Table<Value: Codable & Sendable>: Sendable {
  let name: String
  private let database: Database

  public init(_ name: String, in database: Database) {
    self.name = name
    self.database = database
  }

  /// Every value, by key in order of the keys' bytes. One that cannot be read is left out and left alone; the log names
  /// it, and the database is not `isWhole` any more.
  public func all() throws(EngineError) -> [(key: String, value: Value)] {
    var values: [(key: String, value: Value)] = []
    for (key, bytes) in try database.rows(of: name) {
      do throws(EngineError) {
        values.append((key, try decode(bytes, key)))
      } catch {
        Log.error("\(database.path): \(error.message); it is left alone, and left out")
        database.noteUnreadable()
      }
    }
    return values
  }

  /// The value of `key`, if there is one.
  public func value(of key: String) throws(EngineError) -> Value? {
    guard let bytes = try database.value(of: key, in: name) else { return nil }
    return try decode(bytes, key)
  }

  /// Sets the value of `key`; on return it is on disk.
  public func put(_ key: String, _ value: Value) async throws(EngineError) {
    var batch = Batch()
    try batch.put(key, value, in: self)
    try await database.commit(batch)
  }

  /// Removes `key`; one that is not there is fine.
  public func remove(_ key: String) async throws(EngineError) {
    var batch = Batch()
    batch.remove(key, in: self)
    try await database.commit(batch)
  }

  func encode(_ value: Value, _ key: String) throws(EngineError) -> [UInt8] {
    JSON.encode(value)
  }

  private func decode(_ bytes: [UInt8], _ key: String) throws(EngineError) -> Value {
    do { return try JSON.decode(Value.self, from: bytes) } catch {
      throw EngineError(.internal, "record \(name)/\(key) cannot be read: \(error)", cause: error)
    }
  }
}
