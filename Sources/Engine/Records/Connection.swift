import CSQLite
import EngineErrors

/// One SQLite connection with its prepared statements. Not shared: `Database` holds it under a lock.
struct Connection: ~Copyable {
  private let handle: OpaquePointer
  private let path: String

  private init(handle: OpaquePointer, path: String) {
    self.handle = handle
    self.path = path
  }

  static func open(_ path: String) throws(EngineError) -> Connection {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard let handle else { throw EngineError(.internal, "open \(path): out of memory") }
    let connection = Connection(handle: handle, path: path)
    guard code == SQLITE_OK else { throw connection.failure() }
    sqlite3_busy_timeout(handle, 5000)
    try connection.run("PRAGMA journal_mode=WAL")
    try connection.run("PRAGMA synchronous=FULL")
    try connection.run(
      "CREATE TABLE IF NOT EXISTS records (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, "
        + "PRIMARY KEY (kind, key)) WITHOUT ROWID")
    return connection
  }

  deinit { sqlite3_close_v2(handle) }

  /// All of the changes in one transaction.
  func apply(_ changes: [Batch.Change]) throws(EngineError) {
    try run("BEGIN IMMEDIATE")
    do throws(EngineError) {
      let put = try Statement("INSERT OR REPLACE INTO records VALUES (?1, ?2, ?3)", self)
      let remove = try Statement("DELETE FROM records WHERE kind = ?1 AND key = ?2", self)
      for change in changes {
        switch change {
        case .put(let table, let key, let value): try put.run([.text(table), .text(key), .blob(value)], self)
        case .remove(let table, let key): try remove.run([.text(table), .text(key)], self)
        }
      }
      try run("COMMIT")
    } catch {
      sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  func rows(of table: String) throws(EngineError) -> [(key: String, value: [UInt8])] {
    let select = try Statement("SELECT key, value FROM records WHERE kind = ?1 ORDER BY key", self)
    var rows: [(key: String, value: [UInt8])] = []
    try select.run([.text(table)], self) { row in rows.append((row.text(0), row.blob(1))) }
    return rows
  }

  func value(of key: String, in table: String) throws(EngineError) -> [UInt8]? {
    let select = try Statement("SELECT value FROM records WHERE kind = ?1 AND key = ?2", self)
    var value: [UInt8]?
    try select.run([.text(table), .text(key)], self) { row in value = row.blob(0) }
    return value
  }

  private func run(_ sql: String) throws(EngineError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  func failure() -> EngineError {
    EngineError(.internal, "\(path): \(String(cString: sqlite3_errmsg(handle)))")
  }

  func prepare(_ sql: String) throws(EngineError) -> OpaquePointer {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw failure()
    }
    return statement
  }
}
