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
  /// Where a secret comes from that is not in `secrets`; nil where there is no such secret.
  public var findSecret: (@Sendable (_ id: String) async throws -> [UInt8]?)?
  /// How one connects to an ssh agent that is not among `agents`; nil where there is no such agent.
  public var findAgent: (@Sendable (_ id: String) async throws -> AgentConnector?)?
  /// Who the client is at a registry; nil where it has not logged in.
  public var credentials: (@Sendable (_ host: String) async throws -> RegistryAuth?)?
  /// What stands for images and stages of these names.
  public var contexts: [String: NamedContext] = [:]
  /// Hears of the build's steps as they go.
  public var watch: (@Sendable (BuildEvent) async -> Void)?
  /// The client has left out of the context what `.dockerignore` names.
  public var contextIsFiltered = false
  /// Only the image's id is told.
  public var quiet = false
  /// Whether the image's id is told by itself, too, for programs.
  public var tellsIDs = true
  public init() {}
}
