extension Bundle {
  /// What runs, as whom, and with which limits (config.md, Process).
  public struct Process: Codable, Hashable, Sendable {
    public var terminal: Bool
    public var consoleSize: ConsoleSize?
    public var user: User
    /// argv, the name included.
    public var args: [String]
    /// `NAME=value`
    public var env: [String]
    /// Absolute.
    public var cwd: String
    public var capabilities: CapabilitySets?
    public var rlimits: [ResourceLimit]
    public var noNewPrivileges: Bool
    public var oomScoreAdj: Int?
    public var apparmorProfile: String?
    public var selinuxLabel: String?
    public var ioPriority: IOPriority?
    public var scheduler: Scheduler?
    public var execCPUAffinity: CPUAffinity?

    enum CodingKeys: String, BundleKey {
      case terminal, consoleSize, user, args, env, cwd, capabilities, rlimits, noNewPrivileges, oomScoreAdj
      case apparmorProfile, selinuxLabel, ioPriority, scheduler, execCPUAffinity
    }

    public init(
      args: [String], env: [String] = [], cwd: String = "/", user: User = User(), terminal: Bool = false,
      consoleSize: ConsoleSize? = nil, capabilities: CapabilitySets? = nil, rlimits: [ResourceLimit] = [],
      noNewPrivileges: Bool = false, oomScoreAdj: Int? = nil
    ) {
      self.terminal = terminal
      self.consoleSize = consoleSize
      self.user = user
      self.args = args
      self.env = env
      self.cwd = cwd
      self.capabilities = capabilities
      self.rlimits = rlimits
      self.noNewPrivileges = noNewPrivileges
      self.oomScoreAdj = oomScoreAdj
    }
  }

  /// In characters.
  public struct ConsoleSize: Codable, Hashable, Sendable {
    public var height: UInt16
    public var width: UInt16
    public init(height: UInt16, width: UInt16) {
      self.height = height
      self.width = width
    }
  }

  /// Numbers in the container's user namespace.
  public struct User: Codable, Hashable, Sendable {
    public var uid: UInt32
    public var gid: UInt32
    public var umask: UInt32?
    public var additionalGids: [UInt32]
    enum CodingKeys: String, BundleKey { case uid, gid, umask, additionalGids }
    public init(uid: UInt32 = 0, gid: UInt32 = 0, umask: UInt32? = nil, additionalGids: [UInt32] = []) {
      self.uid = uid
      self.gid = gid
      self.umask = umask
      self.additionalGids = additionalGids
    }
  }

  /// Names such as `CAP_CHOWN`.
  public struct CapabilitySets: Codable, Hashable, Sendable {
    public var bounding: [String]
    public var effective: [String]
    public var inheritable: [String]
    public var permitted: [String]
    public var ambient: [String]
    enum CodingKeys: String, BundleKey { case bounding, effective, inheritable, permitted, ambient }
    public init(
      bounding: [String] = [], effective: [String] = [], inheritable: [String] = [], permitted: [String] = [],
      ambient: [String] = []
    ) {
      self.bounding = bounding
      self.effective = effective
      self.inheritable = inheritable
      self.permitted = permitted
      self.ambient = ambient
    }
  }

  /// `type` is a name such as `RLIMIT_NOFILE`.
  public struct ResourceLimit: Codable, Hashable, Sendable {
    public var type: String
    public var hard: UInt64
    public var soft: UInt64
    public init(type: String, soft: UInt64, hard: UInt64) {
      self.type = type
      self.hard = hard
      self.soft = soft
    }
  }

  public struct IOPriority: Codable, Hashable, Sendable {
    /// `IOPRIO_CLASS_RT`, `IOPRIO_CLASS_BE`, `IOPRIO_CLASS_IDLE`.
    public var `class`: String
    public var priority: Int32?
    public init(class: String, priority: Int32? = nil) {
      self.class = `class`
      self.priority = priority
    }
  }

  public struct Scheduler: Codable, Hashable, Sendable {
    /// `SCHED_OTHER` and so on.
    public var policy: String
    public var nice: Int32?
    public var priority: Int32?
    /// `SCHED_FLAG_RESET_ON_FORK` and so on.
    public var flags: [String]
    /// Nanoseconds, for `SCHED_DEADLINE`.
    public var runtime: UInt64?
    public var deadline: UInt64?
    public var period: UInt64?
    enum CodingKeys: String, BundleKey { case policy, nice, priority, flags, runtime, deadline, period }
    public init(policy: String, nice: Int32? = nil, priority: Int32? = nil, flags: [String] = []) {
      self.policy = policy
      self.nice = nice
      self.priority = priority
      self.flags = flags
    }
  }

  /// CPUs of an executed process, lists such as `0-3,7`: while it is prepared, and of its command.
  public struct CPUAffinity: Codable, Hashable, Sendable {
    public var initial: String?
    public var final: String?
  }
}
