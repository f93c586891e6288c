import Linux

/// The files of version 1.
extension Cgroup {
  func limitMemory(_ limits: CgroupLimits) throws(SyscallError) {
    guard let directory = directory(of: "memory") else { return }
    if limits.checksUsage { try checkUsage(limits, "\(directory)/memory.usage_in_bytes") }
    var limits = limits
    // Memory without a limit has none together with swap either.
    if limits.memory == -1, limits.memoryAndSwap == nil { limits.memoryAndSwap = -1 }
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
    try limitKernelMemory(limits, in: directory)
  }

  /// Newer kernels do not count it apart any more: there the limit is left out.
  private func limitKernelMemory(_ limits: CgroupLimits, in directory: String) throws(SyscallError) {
    for (value, file) in [
      (limits.kernelMemory, "memory.kmem.limit_in_bytes"),
      (limits.kernelTCPMemory, "memory.kmem.tcp.limit_in_bytes"),
    ] {
      guard let value, value != 0 else { continue }
      do throws(SyscallError) { try CgroupFile.write("\(value)", to: "\(directory)/\(file)") } catch {
        let notSupportedInKernel = Errno(rawValue: 524)
        guard [.noSuchFile, .notSupported, notSupportedInKernel].contains(error.errno) else { throw error }
      }
    }
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

  func limitCPU(_ limits: CgroupLimits) throws(SyscallError) {
    if let directory = directory(of: "cpu") {
      if let shares = limits.cpuShares, shares != 0 {
        try CgroupFile.write("\(shares)", to: "\(directory)/cpu.shares")
      }
      try limitBandwidth(
        quota: limits.cpuQuota ?? 0, period: limits.cpuPeriod ?? 0,
        files: ("\(directory)/cpu.cfs_quota_us", "\(directory)/cpu.cfs_period_us"))
      try limitBandwidth(
        quota: limits.cpuRealtimeRuntime ?? 0, period: limits.cpuRealtimePeriod ?? 0,
        files: ("\(directory)/cpu.rt_runtime_us", "\(directory)/cpu.rt_period_us"))
      if let burst = limits.cpuBurst { try CgroupFile.write("\(burst)", to: "\(directory)/cpu.cfs_burst_us") }
      if let idle = limits.cpuIdle { try CgroupFile.write(idle ? "1" : "0", to: "\(directory)/cpu.idle") }
    }
    if let directory = directory(of: "cpuset") {
      if let cpus = limits.cpus, !cpus.isEmpty { try CgroupFile.write(cpus, to: "\(directory)/cpuset.cpus") }
      if let nodes = limits.memoryNodes, !nodes.isEmpty {
        try CgroupFile.write(nodes, to: "\(directory)/cpuset.mems")
      }
    }
  }

  /// The ratio of the two may never be above the parent's, so one order or the other is right.
  private func limitBandwidth(
    quota: Int64, period: UInt64, files: (quota: String, period: String)
  ) throws(SyscallError) {
    let (quotaFile, periodFile) = files
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

  func limitBlockDevices(_ limits: CgroupLimits) throws(SyscallError) {
    guard let directory = directory(of: "blkio") else { return }
    if let weight = limits.blockWeight, weight != 0 {
      try CgroupFile.write("\(weight)", to: "\(directory)/\(weightFile(in: directory))")
    }
    if let weight = limits.blockLeafWeight, weight != 0 {
      try CgroupFile.write("\(weight)", to: "\(directory)/blkio.leaf_weight")
    }
    for device in limits.blockDeviceWeights {
      let number = "\(device.major):\(device.minor)"
      if let weight = device.weight, weight != 0 {
        try CgroupFile.write(
          "\(number) \(weight)", to: "\(directory)/\(weightFile(in: directory))_device")
      }
      if let weight = device.leafWeight, weight != 0 {
        try CgroupFile.write("\(number) \(weight)", to: "\(directory)/blkio.leaf_weight_device")
      }
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

  /// The BFQ scheduler has a file of its own; where neither is there, the usual one is named in the error.
  private func weightFile(in directory: String) -> String {
    Files.exist("\(directory)/blkio.bfq.weight") ? "blkio.bfq.weight" : "blkio.weight"
  }
}
