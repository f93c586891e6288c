/// What a cgroup may use; nil leaves the kernel's value.
public struct CgroupLimits: Sendable, Equatable {
  /// Bytes; negative means no limit.
  public var memory: Int64?
  public var memoryReservation: Int64?
  /// Memory and swap together, bytes; negative means no limit.
  public var memoryAndSwap: Int64?
  public var swappiness: UInt64?
  public var disableOOMKiller: Bool?
  /// Bytes of kernel memory, and of that for TCP buffers; version 1 only, older kernels only.
  public var kernelMemory: Int64?
  public var kernelTCPMemory: Int64?
  /// Refuse a memory limit below what is used already, instead of having the kernel kill for it.
  public var checksUsage = false

  /// A share against its siblings, in the units of version 1: 2 to 262144, usually 1024.
  public var cpuShares: UInt64?
  /// Microseconds of CPU time per period; negative means no limit.
  public var cpuQuota: Int64?
  public var cpuPeriod: UInt64?
  public var cpuRealtimeRuntime: Int64?
  public var cpuRealtimePeriod: UInt64?
  public var cpuIdle: Bool?
  /// Microseconds above the quota that may be saved up.
  public var cpuBurst: UInt64?
  /// Lists such as `0-3,7`.
  public var cpus: String?
  public var memoryNodes: String?

  /// Zero or less: no limit.
  public var processes: Int64?

  /// 10 to 1000.
  public var blockWeight: UInt16?
  public var blockLeafWeight: UInt16?
  public var blockDeviceWeights: [BlockDeviceWeight] = []
  public var blockThrottles: [BlockThrottle] = []

  /// Bytes by page size, `2MB`.
  public var hugePages: [HugePages] = []
  /// By device: `hca_handle=2 hca_object=2000`.
  public var rdma: [String: String] = [:]
  /// Version 1 only.
  public var networkClass: UInt32?
  /// Lines of an interface and a number; version 1 only.
  public var networkPriorities: [String] = []

  /// In order, the last match decides; empty: every device is allowed.
  public var devices: [DeviceRule] = []

  /// Files of a version 2 cgroup and what to write there, after all else.
  public var unified: [String: String] = [:]

  public init() {}

  public struct BlockDeviceWeight: Sendable, Equatable {
    public var major: Int64
    public var minor: Int64
    public var weight: UInt16?
    public var leafWeight: UInt16?
    public init(major: Int64, minor: Int64, weight: UInt16?, leafWeight: UInt16?) {
      self.major = major
      self.minor = minor
      self.weight = weight
      self.leafWeight = leafWeight
    }
  }

  public struct HugePages: Sendable, Equatable {
    public var size: String
    public var bytes: UInt64
    public init(size: String, bytes: UInt64) {
      self.size = size
      self.bytes = bytes
    }
  }

  public struct BlockThrottle: Sendable, Equatable {
    public enum Kind: Sendable { case readBytes, writeBytes, readOperations, writeOperations }
    public var kind: Kind
    public var major: Int64
    public var minor: Int64
    /// Per second.
    public var rate: UInt64
    public init(_ kind: Kind, major: Int64, minor: Int64, rate: UInt64) {
      self.kind = kind
      self.major = major
      self.minor = minor
      self.rate = rate
    }
  }

  public struct DeviceRule: Sendable, Equatable {
    public enum Kind: Character, Sendable { case all = "a", character = "c", block = "b" }
    public var allow: Bool
    public var kind: Kind
    /// nil: every one.
    public var major: UInt32?
    public var minor: UInt32?
    public var read: Bool
    public var write: Bool
    public var makeNode: Bool

    public init(
      allow: Bool, kind: Kind = .all, major: UInt32? = nil, minor: UInt32? = nil, access: String = "rwm"
    ) {
      self.allow = allow
      self.kind = kind
      self.major = major
      self.minor = minor
      read = access.contains("r")
      write = access.contains("w")
      makeNode = access.contains("m")
    }

    /// Which of `rwm` it is about.
    public var letters: String { (read ? "r" : "") + (write ? "w" : "") + (makeNode ? "m" : "") }
    /// As `devices.allow` reads it: `c 1:3 rwm`.
    var text: String {
      let access = letters
      if kind == .all { return "a *:* \(access)" }
      return "\(kind.rawValue) \(major.map(String.init) ?? "*"):\(minor.map(String.init) ?? "*") \(access)"
    }
    public var matchesAll: Bool { kind == .all && major == nil && minor == nil && read && write && makeNode }
  }
}
