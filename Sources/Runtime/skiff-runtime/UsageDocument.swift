import Cgroups

/// What a container uses, as runc's `events` writes it.
struct UsageDocument: Encodable {
  let cpu: CPU
  let memory: Memory
  let pids: Pids
  let blkio: BlockIO

  struct CPU: Encodable {
    let usage: Usage
    let throttling: Throttling
    struct Usage: Encodable {
      let total: UInt64
      let percpu: [UInt64]?
      let kernel: UInt64
      let user: UInt64
    }
    struct Throttling: Encodable {
      let periods: UInt64
      let throttledPeriods: UInt64
      let throttledTime: UInt64
    }
  }
  struct Memory: Encodable {
    let cache: UInt64?
    let usage: Entry
    let raw: [String: UInt64]
    struct Entry: Encodable {
      let limit: UInt64
      let usage: UInt64
      let max: UInt64?
      let failcnt: UInt64
    }
  }
  struct Pids: Encodable {
    let current: UInt64
    let limit: UInt64?
  }
  struct BlockIO: Encodable {
    let ioServiceBytesRecursive: [Entry]?
    let ioServicedRecursive: [Entry]?
    struct Entry: Encodable {
      let major: UInt64
      let minor: UInt64
      let op: String
      let value: UInt64
      init(_ count: CgroupUsage.BlockCount) {
        major = count.major
        minor = count.minor
        op = count.operation
        value = count.value
      }
    }
  }

  init(_ usage: CgroupUsage) {
    cpu = CPU(
      usage: CPU.Usage(
        total: usage.cpu, percpu: usage.perCPU.isEmpty ? nil : usage.perCPU, kernel: usage.cpuSystem,
        user: usage.cpuUser),
      throttling: CPU.Throttling(
        periods: usage.periods, throttledPeriods: usage.throttledPeriods, throttledTime: usage.throttledTime))
    memory = Memory(
      cache: usage.memoryDetails["cache"] ?? usage.memoryDetails["file"],
      usage: Memory.Entry(
        // No limit is the greatest number.
        limit: usage.memoryLimit ?? .max, usage: usage.memory, max: usage.memoryPeak,
        failcnt: usage.memoryFailures), raw: usage.memoryDetails)
    pids = Pids(current: usage.processes, limit: usage.processLimit)
    func entries(_ counts: [CgroupUsage.BlockCount]) -> [BlockIO.Entry]? {
      counts.isEmpty ? nil : counts.map(BlockIO.Entry.init)
    }
    blkio = BlockIO(
      ioServiceBytesRecursive: entries(usage.blockBytes), ioServicedRecursive: entries(usage.blockOperations))
  }
}
