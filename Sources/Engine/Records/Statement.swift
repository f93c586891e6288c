import CSQLite
import EngineErrors

/// A prepared statement, finalised when it goes out of scope.
struct Statement: ~Copyable {
  enum Argument {
    case text(String)
    case blob([UInt8])

    var bytes: [UInt8] {
      switch self {
      case .text(let text): Array(text.utf8)
      case .blob(let bytes): bytes
      }
    }
  }

  /// One row of the answer; valid only while it is being handed out.
  struct Row {
    let statement: OpaquePointer

    func blob(_ column: CInt) -> [UInt8] {
      let count = Int(sqlite3_column_bytes(statement, column))
      guard let base = sqlite3_column_blob(statement, column), count > 0 else { return [] }
      return Array(UnsafeRawBufferPointer(start: base, count: count))
    }

    func text(_ column: CInt) -> String { String(decoding: blob(column), as: UTF8.self) }
  }

  private let statement: OpaquePointer

  init(_ sql: String, _ connection: borrowing Connection) throws(EngineError) {
    statement = try connection.prepare(sql)
  }

  deinit { sqlite3_finalize(statement) }

  /// Runs the statement with the arguments bound to ?1, ?2, …, handing out every row.
  func run(
    _ arguments: [Argument], _ connection: borrowing Connection, row: (Row) -> Void = { _ in }
  ) throws(EngineError) {
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, argument) in arguments.enumerated() { try bind(argument, CInt(index + 1), connection) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: row(Row(statement: statement))
      case SQLITE_DONE: return
      default: throw connection.failure()
      }
    }
  }

  private func bind(_ argument: Argument, _ index: CInt, _ connection: borrowing Connection)
    throws(EngineError)
  {
    let code = argument.bytes.withUnsafeBytes { bytes in
      // An empty array may have no address, and no address would bind NULL.
      let start = bytes.baseAddress ?? UnsafeRawPointer(statement)
      return switch argument {
      case .text:
        sqlite3_bind_text(
          statement, index, start.assumingMemoryBound(to: CChar.self), CInt(bytes.count), csqlite_transient())
      case .blob: sqlite3_bind_blob(statement, index, start, CInt(bytes.count), csqlite_transient())
      }
    }
    guard code == SQLITE_OK else { throw connection.failure() }
  }
}
