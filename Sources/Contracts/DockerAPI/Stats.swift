/// The answer of `GET /containers/{id}/stats`, in the plain JSON dialect.
public struct ContainerStats: Codable, Sendable, Equatable {
  public var name = ""
  public var id = ""
  /// RFC 3339.
  public var read = ""
  public var preread = "0001-01-01T00:00:00Z"
  public var pidsStats = PidsStats()
  public var blkioStats = BlockIOStats()
  public var numProcs = 0
  public var cpuStats = CPUStats()
  public var precpuStats = CPUStats()
  public var memoryStats = MemoryStats()
  public var networks: [String: NetworkStats]?
  /// Windows has something here.
  public var storageStats: EmptyObject? = EmptyObject()
  public init() {}

  enum CodingKeys: String, CodingKey {
    case name, id, read, preread
    case pidsStats = "pids_stats"
    case blkioStats = "blkio_stats"
    case numProcs = "num_procs"
    case cpuStats = "cpu_stats"
    case precpuStats = "precpu_stats"
    case memoryStats = "memory_stats"
    case networks
    case storageStats = "storage_stats"
  }
}

public struct PidsStats: Codable, Sendable, Equatable {
  public var current: UInt64 = 0
  public var limit: UInt64 = 0
  public init() {}
}

public struct BlockIOStats: Codable, Sendable, Equatable {
  public var ioServiceBytesRecursive: [BlockIOEntry]?
  public var ioServicedRecursive: [BlockIOEntry]?
  public init() {}
  enum CodingKeys: String, CodingKey {
    case ioServiceBytesRecursive = "io_service_bytes_recursive"
    case ioServicedRecursive = "io_serviced_recursive"
  }
}

public struct BlockIOEntry: Codable, Sendable, Equatable {
  public var major: UInt64 = 0
  public var minor: UInt64 = 0
  public var op = ""
  public var value: UInt64 = 0
  public init() {}
}

/// Times in nanoseconds.
public struct CPUStats: Codable, Sendable, Equatable {
  public var cpuUsage = CPUUsage()
  public var systemCPUUsage: UInt64?
  public var onlineCPUs: Int?
  public var throttlingData = ThrottlingData()
  public init() {}
  enum CodingKeys: String, CodingKey {
    case cpuUsage = "cpu_usage"
    case systemCPUUsage = "system_cpu_usage"
    case onlineCPUs = "online_cpus"
    case throttlingData = "throttling_data"
  }
}

public struct CPUUsage: Codable, Sendable, Equatable {
  public var totalUsage: UInt64 = 0
  public var usageInKernelmode: UInt64 = 0
  public var usageInUsermode: UInt64 = 0
  /// Of each processor, where cgroups version 1 counts them.
  public var percpuUsage: [UInt64]?
  public init() {}
  enum CodingKeys: String, CodingKey {
    case percpuUsage = "percpu_usage"
    case totalUsage = "total_usage"
    case usageInKernelmode = "usage_in_kernelmode"
    case usageInUsermode = "usage_in_usermode"
  }
}

public struct ThrottlingData: Codable, Sendable, Equatable {
  public var periods: UInt64 = 0
  public var throttledPeriods: UInt64 = 0
  public var throttledTime: UInt64 = 0
  public init() {}
  enum CodingKeys: String, CodingKey {
    case periods
    case throttledPeriods = "throttled_periods"
    case throttledTime = "throttled_time"
  }
}

/// In bytes.
public struct MemoryStats: Codable, Sendable, Equatable {
  public var usage: UInt64?
  public var maxUsage: UInt64?
  public var stats: [String: UInt64]?
  public var failcnt: UInt64?
  public var limit: UInt64?
  public init() {}
  enum CodingKeys: String, CodingKey {
    case usage
    case maxUsage = "max_usage"
    case stats, failcnt, limit
  }
}

public struct NetworkStats: Codable, Sendable, Equatable {
  public var rxBytes: UInt64 = 0
  public var rxPackets: UInt64 = 0
  public var rxErrors: UInt64 = 0
  public var rxDropped: UInt64 = 0
  public var txBytes: UInt64 = 0
  public var txPackets: UInt64 = 0
  public var txErrors: UInt64 = 0
  public var txDropped: UInt64 = 0
  public init() {}
  enum CodingKeys: String, CodingKey {
    case rxBytes = "rx_bytes"
    case rxPackets = "rx_packets"
    case rxErrors = "rx_errors"
    case rxDropped = "rx_dropped"
    case txBytes = "tx_bytes"
    case txPackets = "tx_packets"
    case txErrors = "tx_errors"
    case txDropped = "tx_dropped"
  }
}
