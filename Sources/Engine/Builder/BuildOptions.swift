import DockerAPI

/// What `POST /build` asks for besides the context.
public struct BuildOptions: Sendable {
  /// Path of the Dockerfile in the context.
  public var dockerfile = "Dockerfile"
  /// The text of the Dockerfile where it does not come out of the context.
  public var dockerfileText: String?
  /// Names for the image, `name[:tag]`.
  public var tags: [String] = []
  /// The stage to stop at: its name or number; empty is the last.
  public var target = ""
  /// A nil value takes the Dockerfile's default.
  public var buildArguments: [String: String?] = [:]
  public var labels: [String: String] = [:]
  public var noCache = false
  /// Where it names images, only their steps are taken from the cache.
  public var cacheFrom: [String] = []
  /// Ask the registry for newer base images.
  public var pull = false
  public var networkMode = "default"
  public var platform = ""
  public var resources = BuildResources()
  /// What RUN --mount=type=secret may name.
  public var secrets = BuildSecrets()
  /// The ssh agents that RUN --mount=type=ssh may name.
  public var agents: BuildAgents?
  /// Only the image's id is told.
  public var quiet = false
  /// Whether the image's id is told by itself, too, for programs.
  public var tellsIDs = true
  public init() {}
}
