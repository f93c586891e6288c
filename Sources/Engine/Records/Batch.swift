import EngineErrors
import JSON

/// Changes to several tables that become true together.
public struct Batch: Sendable {
  enum Change: Sendable {
    case put(table: String, key: String, value: [UInt8])
    case remove(table: String, key: String)
  }

  var changes: [Change] = []

  public init() {}

  /// Sets the value of `key`.
  public mutating func put<Value>(_ key: String, _ value: Value, in table: Table<Value>) throws(EngineError) {
    changes.append(.put(table: table.name, key: key, value: try table.encode(value, key)))
  }

  /// Removes `key`; one that is not there is fine.
  public mutating func remove<Value>(_ key: String, in table: Table<Value>) {
    changes.append(.remove(table: table.name, key: key))
  }
}
