import Linux
import OCISpec

extension Bundle.Process {
  func check() throws(RuntimeError) {
    guard let command = args.first, !command.isEmpty else {
      throw RuntimeError(.invalid, "the process has no arguments")
    }
    guard cwd.hasPrefix("/") else {
      throw RuntimeError(.invalid, "the working directory is not absolute: \"\(cwd)\"")
    }
    for text in args + env + [cwd] where text.utf8.contains(0) {
      throw RuntimeError(.invalid, "an argument or variable holds a NUL byte")
    }
    for limit in rlimits where Resource(name: limit.type) == nil {
      throw RuntimeError(.invalid, "unknown resource limit \(limit.type)")
    }
    var limited: Set<String> = []
    for limit in rlimits {
      guard limited.insert(limit.type).inserted else {
        throw RuntimeError(.invalid, "the resource limit \(limit.type) is listed twice")
      }
      guard limit.soft <= limit.hard else {
        throw RuntimeError(
          .invalid, "the resource limit \(limit.type) is \(limit.soft), above its hard limit \(limit.hard)")
      }
    }
    if let ioPriority {
      guard ProcessSetup.priorityClasses[ioPriority.class] != nil else {
        throw RuntimeError(.invalid, "unknown I/O priority class \(ioPriority.class)")
      }
      guard (0...7).contains(ioPriority.priority ?? 0) else {
        throw RuntimeError(.invalid, "I/O priority \(ioPriority.priority ?? 0) is not between 0 and 7")
      }
    }
    if let oomScoreAdj, !(-1000...1000).contains(oomScoreAdj) {
      throw RuntimeError(.invalid, "oomScoreAdj \(oomScoreAdj) is not between -1000 and 1000")
    }
    _ = try ProcessPlacement.cpus(execCPUAffinity?.initial, "execCPUAffinity.initial")
  }
}

extension Bundle.Linux {
  func check(_ kinds: Set<Bundle.Namespace.Kind>) throws(RuntimeError) {
    for device in devices {
      guard device.path.hasPrefix("/"), device.path.split(separator: "/").last != "..",
        ["c", "u", "b", "p"].contains(device.type)
      else {
        throw RuntimeError(.invalid, "the device \(device.path) of type \(device.type) makes no sense")
      }
      guard device.type == "p" || (device.major ?? -1 >= 0 && device.minor ?? -1 >= 0) else {
        throw RuntimeError(.invalid, "the device \(device.path) has no number")
      }
    }
    for path in maskedPaths + readonlyPaths where !path.hasPrefix("/") {
      throw RuntimeError(.invalid, "the masked or read-only path is not absolute: \(path)")
    }
    if !netDevices.isEmpty && !kinds.contains(.network) {
      throw RuntimeError(.invalid, "netDevices need a network namespace")
    }
    for (name, device) in netDevices {
      for name in [name, device.name ?? name] where !NetworkDevices.isValid(name) {
        throw RuntimeError(.invalid, "no network device can be called \"\(name)\"")
      }
    }
    if intelRdt != nil && !Files.exist("/sys/fs/resctrl/schemata") {
      throw RuntimeError(.invalid, "intelRdt is asked for, and /sys/fs/resctrl is not mounted")
    }
    if intelRdt != nil { throw RuntimeError(.invalid, "intelRdt is not supported") }
    try seccomp?.check()
  }
}

extension Bundle.Resources {
  func check(unifiedCgroups: Bool) throws(RuntimeError) {
    if !unifiedCgroups, !unified.isEmpty {
      throw RuntimeError(.invalid, "invalid configuration: unified resources need cgroups of version 2")
    }
    for file in unified.keys where file.isEmpty || file.contains("/") || file.hasPrefix(".") {
      throw RuntimeError(.invalid, "the unified resource \"\(file)\" is not the name of a cgroup's file")
    }
    for pages in hugepageLimits where pages.pageSize.contains("/") || pages.pageSize.isEmpty {
      throw RuntimeError(.invalid, "the page size \"\(pages.pageSize)\" makes no sense")
    }
    for rule in devices {
      guard ["", "a", "b", "c", "u"].contains(rule.type ?? "") else {
        throw RuntimeError(.invalid, "a device rule of type \(rule.type ?? "") makes no sense")
      }
    }
  }
}
