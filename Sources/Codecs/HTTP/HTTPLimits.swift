/// What a stranger may ask of a server, in bytes, counts and milliseconds.
public struct HTTPLimits: Sendable {
  /// Start line and headers together; build arguments travel in the query.
  public var headBytes = 1 << 20
  public var headerCount = 256
  /// From a head's first byte to its last.
  public var headMilliseconds = 30_000
  /// For the handshake of a secret connection.
  public var handshakeMilliseconds = 10_000
  /// From one answer to the next request's first byte.
  public var idleMilliseconds = 600_000
  public var connections = 4096
  /// What of an unread request body is read to keep the connection.
  public var drainBytes = 256 << 10

  /// Half of `openFiles`, shared by `servers`, is for clients: those at work need more than their connection, and so does
  /// the rest of the process.
  public static func sharing(openFiles: UInt64, among servers: Int) -> HTTPLimits {
    var limits = HTTPLimits()
    let share = openFiles / 2 / UInt64(max(servers, 1))
    limits.connections = Int(min(UInt64(limits.connections), max(share, 8)))
    return limits
  }

  public static let `default` = HTTPLimits()
  public init() {}
}
