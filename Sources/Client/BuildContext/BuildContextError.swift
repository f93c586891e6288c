/// Why a directory cannot be sent to a builder.
public enum BuildContextError: Error, Hashable, Sendable, CustomStringConvertible {
  case noSuchDirectory(String)
  case noDockerfile(String, reason: String)
  case ignoreFile(path: String, line: Int, reason: String)
  case unreadable(String)
  case unclonable(String)
  /// A secret, by its id or as it was given, and what is wrong with it.
  case secret(String, String)
  /// An ssh agent, by its id, and what is wrong with it.
  case agent(String, String)

  public var description: String {
    switch self {
    case .agent(let id, let reason): "ssh agent \(id): \(reason)"
    case .secret(let id, let reason): "secret \(id): \(reason)"
    case .noSuchDirectory(let path): "unable to prepare context: path \"\(path)\" not found"
    case .noDockerfile(let name, let reason): "failed to read dockerfile: open \(name): \(reason)"
    case .ignoreFile(let path, let line, let reason): "error parsing \(path), line \(line): \(reason)"
    case .unreadable(let what): "error checking context: \(what)"
    case .unclonable(let why):
      "unable to prepare context: unable to 'git clone' to temporary context directory: \(why)"
    }
  }
}
