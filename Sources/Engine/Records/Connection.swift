import CSQLite
import EngineErrors
import Linux

/// One SQLite connection with its prepared statements. Not shared: `Database` holds it under a lock.
struct Connection: ~Copyable {
  /// Kibibytes of pages that SQLite keeps.
  static let cache = 256

  private let handle: OpaquePointer
  private let path: String
  private var reserve: Reserve

  private init(handle: OpaquePointer, path: String, reserve: consuming Reserve) {
    self.handle = handle
    self.path = path
    self.reserve = reserve
  }

  static func open(_ path: String) throws(EngineError) -> Connection {
    var reserve = Reserve(beside: path)
    var handle = Result { () throws(EngineError) in try connect(path) }
    // On a full disk the files beside the database may find no place.
    if case .failure = handle, reserve.release() {
      handle = Result { () throws(EngineError) in try connect(path) }
    }
    var connection = Connection(handle: try handle.get(), path: path, reserve: reserve)
    connection.reserve.fill()
    return connection
  }

  private static func connect(_ path: String) throws(EngineError) -> OpaquePointer {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard let handle else { throw EngineError(.internal, "open \(path): out of memory") }
    let opened = Result { () throws(EngineError) in
      guard code == SQLITE_OK else { throw failure(handle, path) }
      try prepare(handle, path)
    }
    if case .failure(let error) = opened {
      sqlite3_close_v2(handle)
      throw error
    }
    return handle
  }

  private static func prepare(_ handle: OpaquePointer, _ path: String) throws(EngineError) {
    sqlite3_busy_timeout(handle, 5000)
    let statements = [
      // Who reads has its records already: pages kept for the next look (2 MB by default) are wasted.
      "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA cache_size=-\(cache)",
      "CREATE TABLE IF NOT EXISTS records (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, "
        + "PRIMARY KEY (kind, key)) WITHOUT ROWID",
    ]
    for statement in statements {
      guard sqlite3_exec(handle, statement, nil, nil, nil) == SQLITE_OK else { throw failure(handle, path) }
    }
  }

  deinit { sqlite3_close_v2(handle) }

  /// All of the changes in one transaction. On a full disk what only removes and replaces takes the space kept for it:
  /// whoever frees space must be able to.
  mutating func apply(_ changes: [Batch.Change]) throws(EngineError) {
    var outcome = Result { () throws(EngineError) in try write(changes) }
    if isFull(outcome), try adds(changes) == false {
      // What has been written to the log and no longer matters gives place first.
      emptyLog()
      outcome = Result { () throws(EngineError) in try write(changes) }
      if isFull(outcome), reserve.release() {
        outcome = Result { () throws(EngineError) in try write(changes) }
        // So that the space can be kept for the next time.
        emptyLog()
      }
    }
    try outcome.get()
    reserve.fill()
  }

  private func emptyLog() { sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil) }

  private func isFull(_ outcome: Result<Void, EngineError>) -> Bool {
    if case .failure(let error) = outcome { error.cause is DiskFull } else { false }
  }

  /// Whether there is more in the database afterwards than before.
  private func adds(_ changes: [Batch.Change]) throws(EngineError) -> Bool {
    for case .put(let table, let key, _) in changes where try value(of: key, in: table) == nil { return true }
    return false
  }

  private func write(_ changes: [Batch.Change]) throws(EngineError) {
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

  /// Bytes of memory that pages of the database take now.
  var cached: Int {
    var (bytes, most): (CInt, CInt) = (0, 0)
    sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_USED, &bytes, &most, 0)
    return Int(bytes)
  }

  func isEmpty() throws(EngineError) -> Bool {
    let select = try Statement("SELECT kind FROM records LIMIT 1", self)
    var isEmpty = true
    try select.run([], self) { _ in isEmpty = false }
    return isEmpty
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

  func failure() -> EngineError { Self.failure(handle, path) }

  private static func failure(_ handle: OpaquePointer, _ path: String) -> EngineError {
    let (code, system) = (sqlite3_errcode(handle) & 0xff, Errno(rawValue: sqlite3_system_errno(handle)))
    if code == SQLITE_FULL || code == SQLITE_IOERR && system == .noSpace {
      return EngineError(
        .internal,
        "\(path): no space left on device: remove what is not needed any more (rm, image rm, system prune)",
        cause: DiskFull())
    }
    return EngineError(.internal, "\(path): \(String(cString: sqlite3_errmsg(handle)))")
  }

  func prepare(_ sql: String) throws(EngineError) -> OpaquePointer {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw failure()
    }
    return statement
  }
}

/// The disk under the database has no space left.
private struct DiskFull: Error {}
