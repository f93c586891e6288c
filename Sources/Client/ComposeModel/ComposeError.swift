/// Why compose files make no project; worded as docker compose does.
public struct ComposeError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// What the loader asks of the world outside; absolute paths only.
public protocol ComposeFiles: Sendable {
  /// The bytes of a file; the error's text is shown to the user (`open /x: no such file or directory`).
  func read(_ path: String) throws(ComposeError) -> [UInt8]
  /// What stands at a path, nil where nothing does.
  func kind(of path: String) -> FileKind?
  /// The path with all symbolic links resolved; the path itself where that fails.
  func resolved(_ path: String) -> String
  /// All of the standard input.
  func standardInput() throws(ComposeError) -> [UInt8]
}

public enum FileKind: Sendable { case file, directory }
