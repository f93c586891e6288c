extension CgroupLimits {
  /// The files of a version 2 cgroup and their new contents, in the order to write them. Where the BFQ
  /// scheduler's file is there, weights go into that.
  func unifiedFiles(hasBFQ: Bool = false) -> [(file: String, value: String)] {
    var files: [(String, String)] = []
    func limit(_ value: Int64) -> String { value < 0 ? "max" : "\(value)" }
    if let memory { files.append(("memory.max", limit(memory))) }
    if let memoryReservation { files.append(("memory.low", limit(memoryReservation))) }
    if let memoryAndSwap {
      let swap = memoryAndSwap < 0 ? "max" : "\(max(0, memoryAndSwap - max(0, memory ?? 0)))"
      files.append(("memory.swap.max", swap))
    } else if memory == -1 {
      files.append(("memory.swap.max", "max"))
    }
    if let cpuShares, cpuShares != 0 { files.append(("cpu.weight", "\(Self.weight(shares: cpuShares))")) }
    if let cpuIdle { files.append(("cpu.idle", cpuIdle ? "1" : "0")) }
    if let cpuBurst { files.append(("cpu.max.burst", "\(cpuBurst)")) }
    if cpuQuota ?? 0 != 0 || cpuPeriod ?? 0 != 0 {
      let quota = cpuQuota.map { $0 > 0 ? "\($0)" : "max" } ?? "max"
      files.append(("cpu.max", "\(quota) \(cpuPeriod.flatMap { $0 == 0 ? nil : $0 } ?? 100_000)"))
    }
    if let cpus, !cpus.isEmpty { files.append(("cpuset.cpus", cpus)) }
    if let memoryNodes, !memoryNodes.isEmpty { files.append(("cpuset.mems", memoryNodes)) }
    if let processes { files.append(("pids.max", processes > 0 ? "\(processes)" : "max")) }
    files += blockWeightFiles(hasBFQ: hasBFQ)
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
    for pages in hugePages {
      files.append(("hugetlb.\(pages.size).max", "\(pages.bytes)"))
    }
    files += rdma.sorted { $0.key < $1.key }.map { ("rdma.max", "\($0.key) \($0.value)") }
    return files + unified.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Shares of version 1 (2 to 262144) as a weight of version 2 (1 to 10000).
  public static func weight(shares: UInt64) -> UInt64 {
    let bounded = min(max(shares, 2), 262_144)
    return 1 + (bounded - 2) * 9999 / 262_142
  }

  /// BFQ takes 1 to 1000 and single devices, `io.weight` 1 to 10000.
  private func blockWeightFiles(hasBFQ: Bool) -> [(String, String)] {
    var files: [(String, String)] = []
    if let blockWeight, blockWeight != 0 {
      let scaled = 1 + (UInt64(max(10, blockWeight)) - 10) * 9999 / 990
      files.append(hasBFQ ? ("io.bfq.weight", "\(blockWeight)") : ("io.weight", "\(scaled)"))
    }
    for device in blockDeviceWeights {
      guard let weight = device.weight, weight != 0 else { continue }
      files.append(("io.bfq.weight", "\(device.major):\(device.minor) \(weight)"))
    }
    return files
  }
}
