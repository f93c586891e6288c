/// Why a text is not the JSON that was asked for.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, counted from 1; 0 when the place is unknown.
  public var line: Int
  /// The column in characters, counted from 1.
  public var column: Int
  /// Where the value stands, as in `HostConfig.Binds[2]`; empty for the whole text and for broken syntax.
  public var path: String
  /// What is wrong, in lower case.
  public var message: String

  public init(line: Int, column: Int, path: String, message: String) {
    self.line = line
    self.column = column
    self.path = path
    self.message = message
  }

  public var description: String {
    let place = line > 0 ? "line \(line), column \(column): " : ""
    return path.isEmpty ? place + message : "\(place)\(path): \(message)"
  }
}
