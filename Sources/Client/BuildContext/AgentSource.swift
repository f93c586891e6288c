import DockerAPI
import Linux

/// Where an ssh agent listens that a build may use.
public enum AgentSource {
  /// The sockets of several by their ids; of two with the same id the later one counts. Blocks.
  public static func all(
    _ texts: [String], variables: (String) -> String? = Environment.value
  ) throws(BuildContextError) -> [String: String] {
    var sockets: [String: String] = [:]
    for text in texts {
      let (id, socket) = try parse(text, variables: variables)
      sockets[id] = socket
    }
    return sockets
  }

  /// `default`, or `ID=SOCKET`; without a socket it is $SSH_AUTH_SOCK. Blocks to see that one is there.
  public static func parse(
    _ text: String, variables: (String) -> String? = Environment.value
  ) throws(BuildContextError) -> (id: String, socket: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return try source(parts[0], parts.count > 1 ? parts[1] : "", variables: variables)
  }

  /// As `parse`, for an id and a path that stand apart.
  public static func source(
    _ name: String, _ given: String, variables: (String) -> String? = Environment.value
  ) throws(BuildContextError) -> (id: String, socket: String) {
    let id = name.isEmpty ? "default" : name
    guard BuildAgents.isID(id) else {
      throw .agent(id, "an id has letters, digits and _.- only, 64 at most")
    }
    var path = given
    if path.isEmpty {
      guard let usual = variables("SSH_AUTH_SOCK"), !usual.isEmpty else {
        throw .agent(id, "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set")
      }
      path = usual
    }
    let status: FileStatus
    do { status = try Files.status(path) } catch { throw .agent(id, "\(error)") }
    guard status.kind == .socket else {
      throw .agent(id, "\(path) is no agent's socket: give a key to an agent (ssh-add \(path)) and lend that")
    }
    return (id, path)
  }
}
