extension Bundle {
  /// What is Linux's own (config-linux.md).
  public struct Linux: Codable, Hashable, Sendable {
    public var uidMappings: [IDMapping]
    public var gidMappings: [IDMapping]
    public var sysctl: [String: String]
    public var resources: Resources?
    /// Absolute: below each hierarchy's mount; relative: where the runtime likes; nil: named after the
    /// container.
    public var cgroupsPath: String?
    public var namespaces: [Namespace]
    public var devices: [Device]
    public var seccomp: Seccomp?
    /// `shared`, `slave`, `private`, `unbindable`, and with an `r` before: recursive.
    public var rootfsPropagation: String?
    public var maskedPaths: [String]
    public var readonlyPaths: [String]
    public var mountLabel: String?
    public var personality: Personality?
    /// By clock: `monotonic`, `boottime`.
    public var timeOffsets: [String: TimeOffset]
    public var memoryPolicy: MemoryPolicy?
    /// Links of the caller's network namespace that move into the container's, by name.
    public var netDevices: [String: NetDevice]
    public var intelRdt: IntelRdt?

    enum CodingKeys: String, BundleKey {
      case uidMappings, gidMappings, sysctl, resources, cgroupsPath, namespaces, devices, seccomp
      case rootfsPropagation, maskedPaths, readonlyPaths, mountLabel, personality
      case timeOffsets, memoryPolicy, netDevices, intelRdt
    }

    public init(
      namespaces: [Namespace] = [], resources: Resources? = nil, cgroupsPath: String? = nil,
      sysctl: [String: String] = [:], devices: [Device] = [], seccomp: Seccomp? = nil,
      rootfsPropagation: String? = nil, maskedPaths: [String] = [], readonlyPaths: [String] = [],
      uidMappings: [IDMapping] = [], gidMappings: [IDMapping] = []
    ) {
      self.uidMappings = uidMappings
      self.gidMappings = gidMappings
      self.sysctl = sysctl
      self.resources = resources
      self.cgroupsPath = cgroupsPath
      self.namespaces = namespaces
      self.devices = devices
      self.seccomp = seccomp
      self.rootfsPropagation = rootfsPropagation
      self.maskedPaths = maskedPaths
      self.readonlyPaths = readonlyPaths
      timeOffsets = [:]
      netDevices = [:]
    }
  }

  public struct IDMapping: Codable, Hashable, Sendable {
    public var containerID: UInt32
    public var hostID: UInt32
    public var size: UInt32
    public init(containerID: UInt32, hostID: UInt32, size: UInt32) {
      self.containerID = containerID
      self.hostID = hostID
      self.size = size
    }
  }

  /// A namespace to make, or with a path to join; one that is not listed is the runtime's own.
  public struct Namespace: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable { case pid, network, mount, ipc, uts, user, cgroup, time }
    public var type: Kind
    public var path: String?
    public init(_ type: Kind, path: String? = nil) {
      self.type = type
      self.path = path
    }
  }

  /// A device file to make.
  public struct Device: Codable, Hashable, Sendable {
    /// `c`, `u`, `b` or `p`.
    public var type: String
    /// Absolute, in the container.
    public var path: String
    public var major: Int64?
    public var minor: Int64?
    /// Permission bits; nil means 0666.
    public var fileMode: UInt32?
    public var uid: UInt32?
    public var gid: UInt32?
    public init(
      type: String, path: String, major: Int64? = nil, minor: Int64? = nil, fileMode: UInt32? = nil,
      uid: UInt32? = nil, gid: UInt32? = nil
    ) {
      self.type = type
      self.path = path
      self.major = major
      self.minor = minor
      self.fileMode = fileMode
      self.uid = uid
      self.gid = gid
    }
  }

  public struct Personality: Codable, Hashable, Sendable {
    /// `LINUX` or `LINUX32`.
    public var domain: String
    public var flags: [String]
    enum CodingKeys: String, BundleKey { case domain, flags }
  }

  /// How far a clock of the container's time namespace is ahead of the caller's.
  public struct TimeOffset: Codable, Hashable, Sendable {
    public var secs: Int64?
    public var nanosecs: UInt32?
    public init(secs: Int64? = nil, nanosecs: UInt32? = nil) {
      self.secs = secs
      self.nanosecs = nanosecs
    }
  }

  /// From which nodes the process's memory comes (set_mempolicy(2)).
  public struct MemoryPolicy: Codable, Hashable, Sendable {
    /// `MPOL_BIND` and so on.
    public var mode: String
    /// A list such as `0-3,7`.
    public var nodes: String?
    /// `MPOL_F_STATIC_NODES` and so on.
    public var flags: [String]
    enum CodingKeys: String, BundleKey { case mode, nodes, flags }
    public init(mode: String, nodes: String? = nil, flags: [String] = []) {
      self.mode = mode
      self.nodes = nodes
      self.flags = flags
    }
  }

  public struct NetDevice: Codable, Hashable, Sendable {
    /// In the container; nil: as outside.
    public var name: String?
    public init(name: String?) { self.name = name }
  }

  /// Cache and memory bandwidth (resctrl).
  public struct IntelRdt: Codable, Hashable, Sendable {
    public var closID: String?
    public var l3CacheSchema: String?
    public var memBwSchema: String?
  }

  /// Which system calls are allowed (config-linux.md, Seccomp).
  public struct Seccomp: Codable, Hashable, Sendable {
    /// `SCMP_ACT_ERRNO` and so on.
    public var defaultAction: String
    public var defaultErrnoRet: UInt32?
    /// `SCMP_ARCH_X86_64` and so on.
    public var architectures: [String]
    /// `SECCOMP_FILTER_FLAG_LOG` and so on.
    public var flags: [String]
    public var syscalls: [SyscallRule]
    /// The Unix socket of the agent that answers calls with the action `SCMP_ACT_NOTIFY`.
    public var listenerPath: String?
    /// What the agent is told besides the container's state.
    public var listenerMetadata: String?
    enum CodingKeys: String, BundleKey {
      case defaultAction, defaultErrnoRet, architectures, flags, syscalls, listenerPath, listenerMetadata
    }
    public init(
      defaultAction: String, defaultErrnoRet: UInt32? = nil, architectures: [String] = [],
      flags: [String] = [],
      syscalls: [SyscallRule] = []
    ) {
      self.defaultAction = defaultAction
      self.defaultErrnoRet = defaultErrnoRet
      self.architectures = architectures
      self.flags = flags
      self.syscalls = syscalls
    }
  }

  /// One action for several calls; all arguments must match.
  public struct SyscallRule: Codable, Hashable, Sendable {
    public var names: [String]
    public var action: String
    public var errnoRet: UInt32?
    public var args: [SyscallArgument]
    enum CodingKeys: String, BundleKey { case names, action, errnoRet, args }
    public init(names: [String], action: String, errnoRet: UInt32? = nil, args: [SyscallArgument] = []) {
      self.names = names
      self.action = action
      self.errnoRet = errnoRet
      self.args = args
    }
  }

  public struct SyscallArgument: Codable, Hashable, Sendable {
    public var index: UInt32
    public var value: UInt64
    public var valueTwo: UInt64?
    /// `SCMP_CMP_EQ` and so on.
    public var op: String
    public init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: String) {
      self.index = index
      self.value = value
      self.valueTwo = valueTwo
      self.op = op
    }
  }
}
