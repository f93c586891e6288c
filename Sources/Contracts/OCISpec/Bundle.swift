/// A bundle's `config.json` (runtime-spec 1.3, config.md): what a runtime makes a container from.
public struct Bundle: Codable, Hashable, Sendable {
  public static let version = "1.3.0"

  public var ociVersion: String
  public var root: Root?
  public var process: Process?
  public var hostname: String?
  public var domainname: String?
  public var mounts: [Mount]
  public var hooks: Hooks?
  public var annotations: [String: String]
  public var linux: Linux?

  enum CodingKeys: String, BundleKey {
    case ociVersion, root, process, hostname, domainname, mounts, hooks, annotations, linux
  }

  public init(
    root: Root? = nil, process: Process? = nil, hostname: String? = nil, domainname: String? = nil,
    mounts: [Mount] = [], annotations: [String: String] = [:], linux: Linux? = nil
  ) {
    ociVersion = Self.version
    self.root = root
    self.process = process
    self.hostname = hostname
    self.domainname = domainname
    self.mounts = mounts
    self.annotations = annotations
    self.linux = linux
  }

  /// The root file system; a relative path starts at the bundle.
  public struct Root: Codable, Hashable, Sendable {
    public var path: String
    public var readonly: Bool
    enum CodingKeys: String, BundleKey { case path, readonly }
    public init(path: String, readonly: Bool = false) {
      self.path = path
      self.readonly = readonly
    }
  }

  /// One mount; `options` are those of mount(8), and what the file system takes itself.
  public struct Mount: Codable, Hashable, Sendable {
    /// Absolute, in the container.
    public var destination: String
    /// `proc`, `tmpfs`, `bind`, `cgroup`, …; nil or `none` with a `bind` or `rbind` option is a bind mount
    /// too.
    public var type: String?
    public var source: String?
    public var options: [String]
    /// Whom the owners of its files are shown as; none: as they are, or with the option `idmap` as the
    /// container's user namespace maps them.
    public var uidMappings: [IDMapping]
    public var gidMappings: [IDMapping]
    enum CodingKeys: String, BundleKey { case destination, type, source, options, uidMappings, gidMappings }
    public init(_ destination: String, type: String? = nil, source: String? = nil, options: [String] = []) {
      self.destination = destination
      self.type = type
      self.source = source
      self.options = options
      uidMappings = []
      gidMappings = []
    }
  }

  /// Programs to run at points of a container's life; they get the state as JSON on standard input.
  public struct Hooks: Codable, Hashable, Sendable {
    public var prestart: [Hook]
    public var createRuntime: [Hook]
    public var createContainer: [Hook]
    public var startContainer: [Hook]
    public var poststart: [Hook]
    public var poststop: [Hook]
    enum CodingKeys: String, BundleKey {
      case prestart, createRuntime, createContainer, startContainer, poststart, poststop
    }
    public init() {
      prestart = []
      createRuntime = []
      createContainer = []
      startContainer = []
      poststart = []
      poststop = []
    }
  }

  public struct Hook: Codable, Hashable, Sendable {
    public var path: String
    /// argv, the name included.
    public var args: [String]
    /// nil: the runtime's own.
    public var env: [String]?
    /// Seconds; nil means for ever.
    public var timeout: Int?
    enum CodingKeys: String, BundleKey { case path, args, env, timeout }
    public init(path: String, args: [String], env: [String]? = nil, timeout: Int? = nil) {
      self.path = path
      self.args = args
      self.env = env
      self.timeout = timeout
    }
  }
}
