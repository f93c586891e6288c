import Linux

/// Which limits this machine's cgroups can keep.
public struct CgroupFeatures: Sendable, Equatable {
  public var memory = true
  public var swap = true
  public var memoryReservation = true
  public var swappiness = true
  public var oomKillDisable = true
  public var cpuShares = true
  public var cpuBandwidth = true
  public var cpuset = true
  public var processes = true
  public var blockWeight = true
  public var blockDeviceWeight = true
  public var blockThrottles = true

  /// Everything.
  public init() {}

  /// What the hierarchies of a layout offer, by the files that are there.
  public init(_ layout: CgroupLayout) {
    switch layout.kind {
    case .separate: self.init(separate: layout)
    case .unified(let mountPoint): self.init(unified: mountPoint)
    }
  }

  private init(separate layout: CgroupLayout) {
    func has(_ controller: String, _ names: String...) -> Bool {
      guard let directory = layout.mountPoint(of: controller) else { return false }
      return names.isEmpty || names.contains { Files.exist("\(directory)/\($0)") }
    }
    memory = has("memory")
    swap = has("memory", "memory.memsw.limit_in_bytes")
    memoryReservation = has("memory", "memory.soft_limit_in_bytes")
    swappiness = has("memory", "memory.swappiness")
    oomKillDisable = has("memory", "memory.oom_control")
    cpuShares = has("cpu", "cpu.shares")
    // Not in the root of a kernel without groups' real-time or bandwidth.
    cpuBandwidth = has("cpu", "cpu.cfs_quota_us")
    cpuset = has("cpuset")
    processes = has("pids")
    blockWeight = has("blkio", "blkio.weight", "blkio.bfq.weight")
    blockDeviceWeight = has("blkio", "blkio.weight_device", "blkio.bfq.weight_device")
    blockThrottles = has("blkio", "blkio.throttle.read_bps_device")
  }

  /// The root of version 2 has few files: the names of its controllers have to do, and what is known of them.
  private init(unified mountPoint: String) {
    // Without the list there are no controllers.
    let words = (try? Files.text("\(mountPoint)/cgroup.controllers")) ?? ""
    let controllers = Set(words.split { $0 == " " || $0 == "\n" })
    memory = controllers.contains("memory")
    swap = memory && Self.countsSwap(mountPoint)
    memoryReservation = memory
    swappiness = false
    oomKillDisable = false
    cpuShares = controllers.contains("cpu")
    cpuBandwidth = cpuShares
    cpuset = controllers.contains("cpuset")
    processes = controllers.contains("pids")
    blockWeight = controllers.contains("io")
    blockDeviceWeight = blockWeight
    blockThrottles = blockWeight
  }

  /// A group below the root has the file where swap is counted; without one to look at it is taken for granted.
  private static func countsSwap(_ mountPoint: String) -> Bool {
    // As above.
    let own = (try? Files.text("/proc/self/cgroup")) ?? ""
    guard let line = own.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }), line.count > 4 else {
      return true
    }
    return Files.exist("\(mountPoint)\(line.dropFirst(3))/memory.swap.max")
  }
}
