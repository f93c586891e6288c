/// How much is done to compose files on their way to a project.
public struct LoadOptions: Sendable {
  public var interpolates = true
  public var normalizes = true
  public var resolvesPaths = true
  public var checksConsistency = true
  /// Whether `env_file`s are read into `environment`.
  public var resolvesEnvironment = true
  /// Whether `env_file` and `label_file` are dropped once they are read.
  public var discardsFiles = false
  public var profiles: [String] = []

  public init() {}
}

/// What the user should know although loading went well, in the order it was found, each said once.
public final class LoadLog {
  public private(set) var warnings: [String] = []
  private var seen: Set<String> = []

  public init() {}

  func warn(_ message: String) {
    if seen.insert(message).inserted { warnings.append(message) }
  }
}
