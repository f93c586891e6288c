import Linux

/// What the processes of a cgroup have used and use; nil where the kernel does not say.
public struct CgroupUsage: Sendable, Equatable {
  /// Nanoseconds of CPU time.
  public var cpu: UInt64 = 0
  public var cpuUser: UInt64 = 0
  public var cpuSystem: UInt64 = 0
  /// Nanoseconds per CPU; empty in version 2.
  public var perCPU: [UInt64] = []
  public var periods: UInt64 = 0
  public var throttledPeriods: UInt64 = 0
  /// Nanoseconds.
  public var throttledTime: UInt64 = 0

  /// Bytes, page cache included.
  public var memory: UInt64 = 0
  public var memoryPeak: UInt64?
  /// nil: none.
  public var memoryLimit: UInt64?
  /// `memory.stat`, as the kernel names them.
  public var memoryDetails: [String: UInt64] = [:]
  public var memoryFailures: UInt64 = 0

  public var processes: UInt64 = 0
  public var processLimit: UInt64?

  public struct BlockCount: Sendable, Equatable {
    public var major: UInt64
    public var minor: UInt64
    /// `read`, `write`, `sync`, `async`, `discard`, `total`.
    public var operation: String
    public var value: UInt64
  }
  public var blockBytes: [BlockCount] = []
  public var blockOperations: [BlockCount] = []

  public init() {}
}

extension Cgroup {
  /// One reading; what cannot be read is left at zero.
  public func measure() -> CgroupUsage {
    var usage = CgroupUsage()
    switch layout.kind {
    case .separate: measureSeparate(&usage)
    case .unified(let mountPoint): measureUnified(mountPoint + path, &usage)
    }
    return usage
  }

  /// How many processes the kernel has killed in it because memory was out.
  public func outOfMemoryKills() -> UInt64 {
    guard let directory = directory(of: "memory") else { return 0 }
    if case .unified = layout.kind {
      return CgroupFile.numbers("\(directory)/memory.events")["oom_kill"] ?? 0
    }
    return CgroupFile.numbers("\(directory)/memory.oom_control")["oom_kill"] ?? 0
  }

  private func measureSeparate(_ usage: inout CgroupUsage) {
    if let directory = directory(of: "cpuacct") {
      usage.cpu = CgroupFile.number("\(directory)/cpuacct.usage") ?? 0
      // Ticks of a hundredth of a second on every Linux there is.
      let ticks = CgroupFile.numbers("\(directory)/cpuacct.stat")
      usage.cpuUser = (ticks["user"] ?? 0) * 10_000_000
      usage.cpuSystem = (ticks["system"] ?? 0) * 10_000_000
      // Without the file the list stays empty, as in version 2.
      let perCPU = (try? Files.text("\(directory)/cpuacct.usage_percpu")) ?? ""
      usage.perCPU = perCPU.split { $0 == " " || $0 == "\n" }.compactMap { UInt64($0) }
    }
    if let directory = directory(of: "cpu") {
      let throttling = CgroupFile.numbers("\(directory)/cpu.stat")
      usage.periods = throttling["nr_periods"] ?? 0
      usage.throttledPeriods = throttling["nr_throttled"] ?? 0
      usage.throttledTime = throttling["throttled_time"] ?? 0
    }
    if let directory = directory(of: "memory") {
      usage.memory = CgroupFile.number("\(directory)/memory.usage_in_bytes") ?? 0
      usage.memoryPeak = CgroupFile.number("\(directory)/memory.max_usage_in_bytes")
      usage.memoryFailures = CgroupFile.number("\(directory)/memory.failcnt") ?? 0
      // "No limit" is the largest multiple of the page size.
      usage.memoryLimit = CgroupFile.number("\(directory)/memory.limit_in_bytes").flatMap {
        $0 >= 1 << 62 ? nil : $0
      }
      usage.memoryDetails = CgroupFile.numbers("\(directory)/memory.stat")
    }
    if let directory = directory(of: "pids") {
      usage.processes = CgroupFile.number("\(directory)/pids.current") ?? 0
      usage.processLimit = CgroupFile.number("\(directory)/pids.max")
    }
    if let directory = directory(of: "blkio") {
      usage.blockBytes = blockCounts("\(directory)/blkio.throttle.io_service_bytes_recursive")
      usage.blockOperations = blockCounts("\(directory)/blkio.throttle.io_serviced_recursive")
    }
  }

  /// Lines such as `8:0 Read 4096`.
  private func blockCounts(_ path: String) -> [CgroupUsage.BlockCount] {
    // Without the controller there is nothing to tell.
    guard let text = try? Files.text(path) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count == 3, let value = UInt64(fields[2]) else { return nil }
      return Self.count(device: fields[0], fields[1].lowercased(), value)
    }
  }

  private static func count(device: Substring, _ operation: String, _ value: UInt64) -> CgroupUsage
    .BlockCount?
  {
    let numbers = device.split(separator: ":").compactMap { UInt64($0) }
    guard numbers.count == 2 else { return nil }
    return CgroupUsage.BlockCount(major: numbers[0], minor: numbers[1], operation: operation, value: value)
  }

  private func measureUnified(_ directory: String, _ usage: inout CgroupUsage) {
    let cpu = CgroupFile.numbers("\(directory)/cpu.stat")
    usage.cpu = (cpu["usage_usec"] ?? 0) * 1000
    usage.cpuUser = (cpu["user_usec"] ?? 0) * 1000
    usage.cpuSystem = (cpu["system_usec"] ?? 0) * 1000
    usage.periods = cpu["nr_periods"] ?? 0
    usage.throttledPeriods = cpu["nr_throttled"] ?? 0
    usage.throttledTime = (cpu["throttled_usec"] ?? 0) * 1000
    usage.memory = CgroupFile.number("\(directory)/memory.current") ?? 0
    usage.memoryPeak = CgroupFile.number("\(directory)/memory.peak")
    usage.memoryLimit = CgroupFile.number("\(directory)/memory.max")
    usage.memoryDetails = CgroupFile.numbers("\(directory)/memory.stat")
    usage.processes = CgroupFile.number("\(directory)/pids.current") ?? 0
    usage.processLimit = CgroupFile.number("\(directory)/pids.max")
    // Without the controller there is nothing to tell.
    for line in ((try? Files.text("\(directory)/io.stat")) ?? "").split(separator: "\n") {
      let fields = line.split(separator: " ")
      for field in fields.dropFirst() {
        let pair = field.split(separator: "=")
        guard pair.count == 2, let value = UInt64(pair[1]) else { continue }
        switch pair[0] {
        case "rbytes": usage.blockBytes += [Self.count(device: fields[0], "read", value)].compactMap { $0 }
        case "wbytes": usage.blockBytes += [Self.count(device: fields[0], "write", value)].compactMap { $0 }
        case "rios": usage.blockOperations += [Self.count(device: fields[0], "read", value)].compactMap { $0 }
        case "wios":
          usage.blockOperations += [Self.count(device: fields[0], "write", value)].compactMap { $0 }
        default: continue
        }
      }
    }
  }
}
