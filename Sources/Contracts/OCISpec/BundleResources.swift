extension Bundle {
  /// The limits of a container's cgroups (config-linux.md, Control groups); nil leaves the kernel's value.
  public struct Resources: Codable, Hashable, Sendable {
    /// In order; none means that every device is allowed.
    public var devices: [DeviceRule]
    public var memory: Memory?
    public var cpu: CPU?
    public var pids: Pids?
    public var blockIO: BlockIO?
    public var hugepageLimits: [HugepageLimit]
    /// Files of the v2 hierarchy and what to write there.
    public var unified: [String: String]
    public var network: Network?
    /// By device.
    public var rdma: [String: RDMA]
    enum CodingKeys: String, BundleKey {
      case devices, memory, cpu, pids, blockIO, hugepageLimits, unified, network, rdma
    }
    public init(
      devices: [DeviceRule] = [], memory: Memory? = nil, cpu: CPU? = nil, pids: Pids? = nil,
      blockIO: BlockIO? = nil,
      unified: [String: String] = [:]
    ) {
      self.devices = devices
      self.memory = memory
      self.cpu = cpu
      self.pids = pids
      self.blockIO = blockIO
      hugepageLimits = []
      self.unified = unified
      rdma = [:]
    }
  }

  /// Network classes (cgroups v1).
  public struct Network: Codable, Hashable, Sendable {
    public var classID: UInt32?
    public var priorities: [Priority]
    enum CodingKeys: String, BundleKey { case classID, priorities }
    public struct Priority: Codable, Hashable, Sendable {
      public var name: String
      public var priority: UInt32
    }
  }

  public struct RDMA: Codable, Hashable, Sendable {
    public var hcaHandles: UInt32?
    public var hcaObjects: UInt32?
  }

  public struct DeviceRule: Codable, Hashable, Sendable {
    public var allow: Bool
    /// `a`, `c` or `b`; nil means all.
    public var type: String?
    /// nil or negative: every one.
    public var major: Int64?
    public var minor: Int64?
    /// Of the letters `rwm`.
    public var access: String?
    // `allow` is written even when it is false: other runtimes want to see it.
    enum CodingKeys: String, CodingKey { case allow, type, major, minor, access }
    public init(
      allow: Bool, type: String? = nil, major: Int64? = nil, minor: Int64? = nil, access: String? = nil
    ) {
      self.allow = allow
      self.type = type
      self.major = major
      self.minor = minor
      self.access = access
    }
  }

  /// Bytes; -1 means no limit.
  public struct Memory: Codable, Hashable, Sendable {
    public var limit: Int64?
    public var reservation: Int64?
    /// Memory and swap together.
    public var swap: Int64?
    public var kernel: Int64?
    public var kernelTCP: Int64?
    public var swappiness: UInt64?
    public var disableOOMKiller: Bool?
    /// Refuse a limit below what is used.
    public var checkBeforeUpdate: Bool?
    public init(limit: Int64? = nil, reservation: Int64? = nil, swap: Int64? = nil, swappiness: UInt64? = nil)
    {
      self.limit = limit
      self.reservation = reservation
      self.swap = swap
      self.swappiness = swappiness
    }
  }

  /// Quota and periods in microseconds.
  public struct CPU: Codable, Hashable, Sendable {
    public var shares: UInt64?
    public var quota: Int64?
    public var period: UInt64?
    public var realtimeRuntime: Int64?
    public var realtimePeriod: UInt64?
    public var cpus: String?
    public var mems: String?
    public var idle: Int64?
    public var burst: UInt64?
    public init(
      shares: UInt64? = nil, quota: Int64? = nil, period: UInt64? = nil, cpus: String? = nil,
      mems: String? = nil
    ) {
      self.shares = shares
      self.quota = quota
      self.period = period
      self.cpus = cpus
      self.mems = mems
    }
  }

  public struct Pids: Codable, Hashable, Sendable {
    /// Zero or less: no limit.
    public var limit: Int64
    public init(limit: Int64) { self.limit = limit }
  }

  public struct BlockIO: Codable, Hashable, Sendable {
    public var weight: UInt16?
    public var leafWeight: UInt16?
    public var weightDevice: [DeviceWeight]
    public var throttleReadBpsDevice: [Throttle]
    public var throttleWriteBpsDevice: [Throttle]
    public var throttleReadIOPSDevice: [Throttle]
    public var throttleWriteIOPSDevice: [Throttle]
    enum CodingKeys: String, BundleKey {
      case weight, leafWeight, weightDevice, throttleReadBpsDevice, throttleWriteBpsDevice,
        throttleReadIOPSDevice,
        throttleWriteIOPSDevice
    }
    public init(weight: UInt16? = nil) {
      self.weight = weight
      weightDevice = []
      throttleReadBpsDevice = []
      throttleWriteBpsDevice = []
      throttleReadIOPSDevice = []
      throttleWriteIOPSDevice = []
    }
  }

  /// Of 10 to 1000.
  public struct DeviceWeight: Codable, Hashable, Sendable {
    public var major: Int64
    public var minor: Int64
    public var weight: UInt16?
    public var leafWeight: UInt16?
    public init(major: Int64, minor: Int64, weight: UInt16?) {
      self.major = major
      self.minor = minor
      self.weight = weight
    }
  }

  /// A rate per second, of bytes or operations.
  public struct Throttle: Codable, Hashable, Sendable {
    public var major: Int64
    public var minor: Int64
    public var rate: UInt64
    public init(major: Int64, minor: Int64, rate: UInt64) {
      self.major = major
      self.minor = minor
      self.rate = rate
    }
  }

  public struct HugepageLimit: Codable, Hashable, Sendable {
    /// `2MB`, `1GB`.
    public var pageSize: String
    /// Bytes.
    public var limit: UInt64
  }
}
