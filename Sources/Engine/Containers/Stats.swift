import Cgroups
import DockerAPI
import EngineErrors
import Linux
import Reactor
import TextFormats

extension Containers {
  /// What a container uses now; zeros where it does not run.
  public func stats(_ reference: String) async throws(EngineError) -> ContainerStats {
    try await find(reference).stats()
  }
}

extension Container {
  func stats() async throws(EngineError) -> ContainerStats {
    var stats = ContainerStats()
    stats.id = id
    stats.name = "/\(record.name)"
    stats.read = Moment.now()
    guard record.life.hasProcess else { return stats }
    let (cgroup, pid, empty) = (cgroup, record.life.pid, stats)
    return await blocking {
      var stats = empty
      stats.fill(cgroup.measure(), systemCPU: HostCPU.used(), cpus: HostCPU.count())
      stats.networks = NetworkCounters.read(pid)
      return stats
    }
  }
}

extension ContainerStats {
  fileprivate mutating func fill(_ usage: CgroupUsage, systemCPU: UInt64, cpus: Int) {
    cpuStats.cpuUsage.totalUsage = usage.cpu
    cpuStats.cpuUsage.usageInUsermode = usage.cpuUser
    cpuStats.cpuUsage.usageInKernelmode = usage.cpuSystem
    cpuStats.cpuUsage.percpuUsage = usage.perCPU.isEmpty ? nil : usage.perCPU
    cpuStats.systemCPUUsage = systemCPU
    cpuStats.onlineCPUs = cpus
    cpuStats.throttlingData.periods = usage.periods
    cpuStats.throttlingData.throttledPeriods = usage.throttledPeriods
    cpuStats.throttlingData.throttledTime = usage.throttledTime
    memoryStats.usage = usage.memory
    memoryStats.maxUsage = usage.memoryPeak ?? 0
    memoryStats.limit = usage.memoryLimit ?? HostCPU.memory()
    memoryStats.stats = usage.memoryDetails
    memoryStats.failcnt = usage.memoryFailures
    pidsStats.current = usage.processes
    pidsStats.limit = usage.processLimit ?? 0
    blkioStats.ioServiceBytesRecursive = usage.blockBytes.map(BlockIOEntry.init)
    blkioStats.ioServicedRecursive = usage.blockOperations.map(BlockIOEntry.init)
  }
}

extension BlockIOEntry {
  fileprivate init(_ count: CgroupUsage.BlockCount) {
    self.init()
    major = count.major
    minor = count.minor
    op = count.operation
    value = count.value
  }
}

/// The whole machine, from /proc (proc(5)).
enum HostCPU {
  private static let nanosecondsPerTick: UInt64 = 10_000_000

  /// Time spent by all processors in everything, in nanoseconds.
  static func used() -> UInt64 {
    // Without /proc/stat nothing can be said.
    let line = (try? Files.text("/proc/stat"))?.split(separator: "\n").first ?? ""
    return line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }.reduce(0, +)
      * nanosecondsPerTick
  }

  static func count() -> Int {
    let lines = (try? Files.text("/proc/stat"))?.split(separator: "\n") ?? []
    return max(1, lines.filter { $0.hasPrefix("cpu") }.count - 1)
  }

  /// In bytes.
  static func memory() -> UInt64 {
    let line =
      (try? Files.text("/proc/meminfo"))?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") } ?? ""
    return (line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) } ?? 0) * 1024
  }
}

/// The counters of a process's network interfaces but the loopback.
enum NetworkCounters {
  static func read(_ pid: Int32) -> [String: NetworkStats] {
    // A process that has ended has no counters.
    let text = (try? Files.text("/proc/\(pid)/net/dev")) ?? ""
    var counters: [String: NetworkStats] = [:]
    for line in text.split(separator: "\n").dropFirst(2) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = String(parts[0].drop { $0 == " " })
      let numbers = parts[1].split(separator: " ").compactMap { UInt64($0) }
      guard name != "lo", numbers.count >= 12 else { continue }
      var stats = NetworkStats()
      (stats.rxBytes, stats.rxPackets, stats.rxErrors, stats.rxDropped) = (
        numbers[0], numbers[1], numbers[2], numbers[3]
      )
      (stats.txBytes, stats.txPackets, stats.txErrors, stats.txDropped) = (
        numbers[8], numbers[9], numbers[10], numbers[11]
      )
      counters[name] = stats
    }
    return counters
  }
}
