import Linux

extension Cgroup {
  /// Writes the limits; a file that the kernel does not have is an error only where the limit was asked for.
  public func apply(_ limits: CgroupLimits) throws(SyscallError) {
    switch layout.kind {
    case .separate:
      try limitMemory(limits)
      try limitCPU(limits)
      try limitBlockDevices(limits)
      if let directory = directory(of: "pids"), let most = limits.processes {
        try CgroupFile.write(most > 0 ? "\(most)" : "max", to: "\(directory)/pids.max")
      }
      if let directory = directory(of: "devices") {
        for rule in limits.devices {
          // "a" alone is what the kernel takes for all devices.
          let text = rule.matchesAll ? "a" : rule.text
          try CgroupFile.write(text, to: "\(directory)/devices.\(rule.allow ? "allow" : "deny")")
        }
      }
    case .unified(let mountPoint):
      for (file, value) in limits.unifiedFiles {
        try CgroupFile.write(value, to: "\(mountPoint)\(path)/\(file)")
      }
      if !limits.devices.isEmpty { try DeviceFilter(limits.devices).attach(to: mountPoint + path) }
    }
  }

  private func limitMemory(_ limits: CgroupLimits) throws(SyscallError) {
    guard let directory = directory(of: "memory") else { return }
    if let swap = limits.memoryAndSwap, let memory = limits.memory {
      try writeMemory(memory, swap: swap, in: directory)
    } else {
      if let memory = limits.memory {
        try CgroupFile.write("\(memory)", to: "\(directory)/memory.limit_in_bytes")
      }
      if let swap = limits.memoryAndSwap {
        try CgroupFile.write("\(swap)", to: "\(directory)/memory.memsw.limit_in_bytes")
      }
    }
    if let low = limits.memoryReservation {
      try CgroupFile.write("\(low)", to: "\(directory)/memory.soft_limit_in_bytes")
    }
    if let swappiness = limits.swappiness {
      try CgroupFile.write("\(swappiness)", to: "\(directory)/memory.swappiness")
    }
    if limits.disableOOMKiller == true { try CgroupFile.write("1", to: "\(directory)/memory.oom_control") }
  }

  /// Memory alone may never be above memory and swap together: the order depends on what was there before.
  private func writeMemory(_ memory: Int64, swap: Int64, in directory: String) throws(SyscallError) {
    let memoryFile = "\(directory)/memory.limit_in_bytes"
    let swapFile = "\(directory)/memory.memsw.limit_in_bytes"
    guard Files.exist(swapFile) else { return try CgroupFile.write("\(memory)", to: memoryFile) }
    let before = CgroupFile.number(swapFile) ?? .max
    let raises = swap < 0 || UInt64(clamping: swap) > before
    let order = raises ? [(swapFile, swap), (memoryFile, memory)] : [(memoryFile, memory), (swapFile, swap)]
    for (file, value) in order { try CgroupFile.write("\(value)", to: file) }
  }

  private func limitCPU(_ limits: CgroupLimits) throws(SyscallError) {
    if let directory = directory(of: "cpu") {
      if let shares = limits.cpuShares, shares != 0 {
        try CgroupFile.write("\(shares)", to: "\(directory)/cpu.shares")
      }
      try limitBandwidth(quota: limits.cpuQuota ?? 0, period: limits.cpuPeriod ?? 0, in: directory)
      if let period = limits.cpuRealtimePeriod, period != 0 {
        try CgroupFile.write("\(period)", to: "\(directory)/cpu.rt_period_us")
      }
      if let runtime = limits.cpuRealtimeRuntime, runtime != 0 {
        try CgroupFile.write("\(runtime)", to: "\(directory)/cpu.rt_runtime_us")
      }
      if limits.cpuIdle == true { try CgroupFile.write("1", to: "\(directory)/cpu.idle") }
    }
    if let directory = directory(of: "cpuset") {
      if let cpus = limits.cpus, !cpus.isEmpty { try CgroupFile.write(cpus, to: "\(directory)/cpuset.cpus") }
      if let nodes = limits.memoryNodes, !nodes.isEmpty {
        try CgroupFile.write(nodes, to: "\(directory)/cpuset.mems")
      }
    }
  }

  /// The ratio of the two may never be above the parent's, so one order or the other is right.
  private func limitBandwidth(quota: Int64, period: UInt64, in directory: String) throws(SyscallError) {
    let (quotaFile, periodFile) = ("\(directory)/cpu.cfs_quota_us", "\(directory)/cpu.cfs_period_us")
    var quotaIsSet = quota == 0
    if period != 0 {
      do throws(SyscallError) {
        try CgroupFile.write("\(period)", to: periodFile)
      } catch  where error.errno == .invalidArgument && quota != 0 {
        try CgroupFile.write("\(quota)", to: quotaFile)
        quotaIsSet = true
        try CgroupFile.write("\(period)", to: periodFile)
      }
    }
    if !quotaIsSet { try CgroupFile.write("\(quota)", to: quotaFile) }
  }

  private func limitBlockDevices(_ limits: CgroupLimits) throws(SyscallError) {
    guard let directory = directory(of: "blkio") else { return }
    if let weight = limits.blockWeight, weight != 0 {
      let file =
        ["blkio.bfq.weight", "blkio.weight"].first { Files.exist("\(directory)/\($0)") } ?? "blkio.weight"
      try CgroupFile.write("\(weight)", to: "\(directory)/\(file)")
    }
    for throttle in limits.blockThrottles {
      let file =
        switch throttle.kind {
        case .readBytes: "blkio.throttle.read_bps_device"
        case .writeBytes: "blkio.throttle.write_bps_device"
        case .readOperations: "blkio.throttle.read_iops_device"
        case .writeOperations: "blkio.throttle.write_iops_device"
        }
      try CgroupFile.write("\(throttle.major):\(throttle.minor) \(throttle.rate)", to: "\(directory)/\(file)")
    }
  }
}

extension CgroupLimits {
  /// The files of a version 2 cgroup and their new contents, in the order to write them.
  var unifiedFiles: [(file: String, value: String)] {
    var files: [(String, String)] = []
    func limit(_ value: Int64) -> String { value < 0 ? "max" : "\(value)" }
    if let memory { files.append(("memory.max", limit(memory))) }
    if let memoryReservation { files.append(("memory.low", limit(memoryReservation))) }
    if let memoryAndSwap {
      let swap = memoryAndSwap < 0 ? "max" : "\(max(0, memoryAndSwap - max(0, memory ?? 0)))"
      files.append(("memory.swap.max", swap))
    }
    if let cpuShares, cpuShares != 0 { files.append(("cpu.weight", "\(Self.weight(shares: cpuShares))")) }
    if cpuIdle == true { files.append(("cpu.idle", "1")) }
    if cpuQuota ?? 0 != 0 || cpuPeriod ?? 0 != 0 {
      let quota = cpuQuota.map { $0 > 0 ? "\($0)" : "max" } ?? "max"
      files.append(("cpu.max", "\(quota) \(cpuPeriod.flatMap { $0 == 0 ? nil : $0 } ?? 100_000)"))
    }
    if let cpus, !cpus.isEmpty { files.append(("cpuset.cpus", cpus)) }
    if let memoryNodes, !memoryNodes.isEmpty { files.append(("cpuset.mems", memoryNodes)) }
    if let processes { files.append(("pids.max", processes > 0 ? "\(processes)" : "max")) }
    if let blockWeight, blockWeight != 0 {
      files.append(("io.weight", "\(1 + (UInt64(max(10, blockWeight)) - 10) * 9999 / 990)"))
    }
    for throttle in blockThrottles {
      let key =
        switch throttle.kind {
        case .readBytes: "rbps"
        case .writeBytes: "wbps"
        case .readOperations: "riops"
        case .writeOperations: "wiops"
        }
      files.append(("io.max", "\(throttle.major):\(throttle.minor) \(key)=\(throttle.rate)"))
    }
    return files + unified.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Shares of version 1 (2 to 262144) as a weight of version 2 (1 to 10000).
  static func weight(shares: UInt64) -> UInt64 {
    let bounded = min(max(shares, 2), 262_144)
    return 1 + (bounded - 2) * 9999 / 262_142
  }
}
