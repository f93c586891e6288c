/// What an engine answered instead of doing what it was asked.
public struct APIError: Error, Hashable, Sendable, CustomStringConvertible {
  public let status: Int
  public let message: String

  public init(status: Int, message: String) {
    self.status = status
    self.message = message
  }

  public var isNotFound: Bool { status == 404 }
  public var isConflict: Bool { status == 409 }
  public var description: String { "Error response from daemon: \(message)" }
}

/// No engine answered.
public struct ConnectionError: Error, Sendable, CustomStringConvertible {
  public enum Reason: Sendable {
    /// Nobody listens there.
    case absent
    /// The socket's owner does not let us in.
    case forbidden
    /// The connection broke.
    case broken(String)
  }

  public let host: DockerHost
  public let reason: Reason

  public init(host: DockerHost, reason: Reason) {
    self.host = host
    self.reason = reason
  }

  public var description: String {
    switch reason {
    case .absent: "Cannot connect to the Skiff daemon at \(host). Is the skiff daemon running?"
    case .forbidden:
      "permission denied while trying to connect to the Skiff daemon socket at \(host): "
        + "be root, or a member of the group that owns the socket"
    case .broken(let why): "error during connect to \(host): \(why)"
    }
  }
}

/// A name that is none: nothing was asked.
struct EmptyName: Error, CustomStringConvertible {
  let description: String
}

/// The output of a command in a container has ended, and the command has not: how it will end nobody knows.
public struct UnfinishedExec: Error, Hashable, Sendable, CustomStringConvertible {
  public let id: String
  public var description: String { "the connection to the engine broke before the command ended: \(id)" }
}
