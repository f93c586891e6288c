/// Why a message could not be understood or carried on.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The status with which a server says so to its client.
  public let status: Int
  public let message: String

  public init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }

  public var description: String { message }

  static func malformed(_ message: String) -> Self { HTTPError(400, message) }
  /// The other side ended the connection in the middle of a message.
  public static let truncated = HTTPError(400, "the connection ended in the middle of a message")
}
