/// A build that ended because a step's process failed.
public struct BuildFailure: Error, Sendable, CustomStringConvertible {
  /// As docker says it: `The command '/bin/sh -c false' returned a non-zero code: 1`.
  public let message: String
  public let code: Int32
  /// What was run.
  public let words: [String]
  public var description: String { message }

  public init(message: String, code: Int32, words: [String]) {
    self.message = message
    self.code = code
    self.words = words
  }
}
