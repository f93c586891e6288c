import Linux

extension Cgroup {
  /// Writes the limits. One that the machine has no controller for is an error where it was asked for.
  public func apply(_ limits: CgroupLimits) throws(SyscallError) {
    switch layout.kind {
    case .separate: try applySeparate(limits)
    case .unified(let mountPoint):
      let directory = mountPoint + path
      if limits.checksUsage { try checkUsage(limits, "\(directory)/memory.current") }
      for (file, value) in limits.unifiedFiles(hasBFQ: Files.exist("\(directory)/io.bfq.weight")) {
        try CgroupFile.write(value, to: "\(directory)/\(file)")
      }
      if !limits.devices.isEmpty { try DeviceFilter(limits.devices).attach(to: directory) }
    }
  }

  private func applySeparate(_ limits: CgroupLimits) throws(SyscallError) {
    try limitMemory(limits)
    try limitCPU(limits)
    try limitBlockDevices(limits)
    if let directory = directory(of: "pids"), let most = limits.processes {
      try CgroupFile.write(most > 0 ? "\(most)" : "max", to: "\(directory)/pids.max")
    }
    try limitDevices(limits.devices)
    try limitNetwork(limits)
    for pages in limits.hugePages {
      let directory = try needed("hugetlb")
      try CgroupFile.write("\(pages.bytes)", to: "\(directory)/hugetlb.\(pages.size).limit_in_bytes")
      let reserved = "\(directory)/hugetlb.\(pages.size).rsvd.limit_in_bytes"
      if Files.exist(reserved) { try CgroupFile.write("\(pages.bytes)", to: reserved) }
    }
    for (device, line) in limits.rdma.sorted(by: { $0.key < $1.key }) {
      try CgroupFile.write("\(device) \(line)", to: "\(try needed("rdma"))/rdma.max")
    }
  }

  /// A controller that was asked for.
  private func needed(_ controller: String) throws(SyscallError) -> String {
    guard let directory = directory(of: controller) else {
      throw SyscallError(call: "open", subject: "the cgroup controller \(controller)", errno: .noSuchFile)
    }
    return directory
  }

  private func limitDevices(_ rules: [CgroupLimits.DeviceRule]) throws(SyscallError) {
    guard !rules.isEmpty, let directory = directory(of: "devices") else { return }
    let allowing = try FileDescriptor.open("\(directory)/devices.allow", .writeOnly)
    let denying = try FileDescriptor.open("\(directory)/devices.deny", .writeOnly)
    for rule in rules {
      // "a" alone is what the kernel takes for all devices.
      let text = rule.matchesAll ? "a" : rule.text
      do throws(SyscallError) {
        if rule.allow { try allowing.write(text.utf8) } else { try denying.write(text.utf8) }
      } catch {
        let file = rule.allow ? "allow" : "deny"
        throw SyscallError(
          call: "write", subject: "\(text) to \(directory)/devices.\(file)", errno: error.errno)
      }
    }
  }

  private func limitNetwork(_ limits: CgroupLimits) throws(SyscallError) {
    if let number = limits.networkClass, number != 0 {
      try CgroupFile.write("\(number)", to: "\(try needed("net_cls"))/net_cls.classid")
    }
    for line in limits.networkPriorities {
      try CgroupFile.write(line, to: "\(try needed("net_prio"))/net_prio.ifpriomap")
    }
  }

  /// Refuses a limit that is lower than what is used.
  func checkUsage(_ limits: CgroupLimits, _ file: String) throws(SyscallError) {
    guard let limit = limits.memory, limit > 0, let used = CgroupFile.number(file), used > UInt64(limit)
    else { return }
    throw SyscallError(
      call: "write", subject: "a memory limit of \(limit) bytes, \(used) are used", errno: .busy)
  }
}
