import EngineErrors
import Reactor
import Synchronization

/// One file of values that survive a crash: SQLite, write-ahead log, every commit synchronised (0.56 ms).
public final class Database: Sendable {
  private let connection: Mutex<Connection>
  private let hasUnreadable = Atomic(false)
  /// Whether there was nothing in it when it was opened: it is new, or what was in it is lost.
  public let wasEmpty: Bool
  public let path: String

  /// Opens or creates the database; fails when another format or a damaged file stands at `path`.
  public init(path: String) throws(EngineError) {
    let opened = try Connection.open(path)
    wasEmpty = try opened.isEmpty()
    connection = Mutex(opened)
    self.path = path
  }

  /// Whether there are records, and each could be read that was asked for. Where one could not, nobody knows what belongs
  /// to it, and nothing may be cleared up because nobody seems to need it.
  public var isWhole: Bool { !wasEmpty && !hasUnreadable.load(ordering: .relaxed) }

  func noteUnreadable() { hasUnreadable.store(true, ordering: .relaxed) }

  /// Writes everything that `body` puts into the batch, or nothing of it.
  public func transaction(_ body: (inout Batch) throws(EngineError) -> Void) async throws(EngineError) {
    var batch = Batch()
    try body(&batch)
    try await commit(batch)
  }

  /// Writes the whole batch, or nothing of it.
  public func commit(_ batch: Batch) async throws(EngineError) {
    guard !batch.changes.isEmpty else { return }
    try await blocking { () throws(EngineError) in
      try self.connection.withLock { connection throws(EngineError) in try connection.apply(batch.changes) }
    }
  }

  func rows(of table: String) throws(EngineError) -> [(key: String, value: [UInt8])] {
    try connection.withLock { connection throws(EngineError) in try connection.rows(of: table) }
  }

  func value(of key: String, in table: String) throws(EngineError) -> [UInt8]? {
    try connection.withLock { connection throws(EngineError) in try connection.value(of: key, in: table) }
  }
}
