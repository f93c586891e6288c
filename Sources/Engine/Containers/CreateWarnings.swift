import Cgroups
import DockerAPI
import OCISpec

/// What a request asks for and does not get, in docker's words; pure.
enum CreateWarnings {
  /// Takes the limits out of the request that this machine cannot keep, and says so.
  static func discard(_ features: CgroupFeatures, _ host: inout HostConfig) -> [String] {
    discardMemory(features, &host) + discardProcessors(features, &host) + discardDisks(features, &host)
  }

  private static func discardMemory(_ features: CgroupFeatures, _ host: inout HostConfig) -> [String] {
    var warnings: [String] = []
    if host.memory > 0, !features.memory {
      warnings.append(unsupported("memory limit capabilities", "Limitation discarded."))
      (host.memory, host.memorySwap) = (0, -1)
    }
    if host.memory > 0, host.memorySwap != -1, !features.swap {
      warnings.append(unsupported("swap limit capabilities", "Memory limited without swap."))
      host.memorySwap = -1
    }
    if let swappiness = host.memorySwappiness, swappiness != -1, !features.swappiness {
      warnings.append(unsupported("memory swappiness capabilities", "Memory swappiness discarded."))
      host.memorySwappiness = nil
    }
    if host.memoryReservation > 0, !features.memoryReservation {
      warnings.append(unsupported("memory soft limit capabilities", "Limitation discarded."))
      host.memoryReservation = 0
    }
    if host.oomKillDisable == true {
      if !features.oomKillDisable {
        warnings.append("Your kernel does not support OomKillDisable. OomKillDisable discarded.")
        host.oomKillDisable = nil
      } else if host.memory == 0 {
        warnings.append(
          "OOM killer is disabled for the container, but no memory limit is set, "
            + "this can result in the system running out of resources.")
      }
    }
    return warnings
  }

  private static func discardProcessors(_ features: CgroupFeatures, _ host: inout HostConfig) -> [String] {
    var warnings: [String] = []
    if let limit = host.pidsLimit, limit > 0, !features.processes {
      warnings.append(unsupported("PIDs limit capabilities", "PIDs limit discarded."))
      host.pidsLimit = nil
    }
    if host.cpuShares > 0, !features.cpuShares {
      warnings.append(unsupported("CPU shares", "Shares discarded."))
      host.cpuShares = 0
    }
    if host.cpuPeriod != 0 || host.cpuQuota != 0, !features.cpuBandwidth {
      warnings.append("Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.")
      (host.cpuPeriod, host.cpuQuota) = (0, 0)
    }
    if host.cpuPercent > 0 {
      warnings.append("linux does not support CPU percent. Percent discarded.")
      host.cpuPercent = 0
    }
    if !host.cpusetCpus.isEmpty || !host.cpusetMems.isEmpty, !features.cpuset {
      warnings.append(unsupported("cpuset", "Cpuset discarded."))
      (host.cpusetCpus, host.cpusetMems) = ("", "")
    }
    return warnings
  }

  private static func discardDisks(_ features: CgroupFeatures, _ host: inout HostConfig) -> [String] {
    var warnings: [String] = []
    if host.blkioWeight > 0, !features.blockWeight {
      warnings.append(unsupported("Block I/O weight", "Weight discarded."))
      host.blkioWeight = 0
    }
    if host.blkioWeightDevice?.isEmpty == false, !features.blockDeviceWeight {
      warnings.append(unsupported("Block I/O weight_device", "Weight-device discarded."))
      host.blkioWeightDevice = nil
    }
    return warnings
  }

  /// What is asked for and makes no difference.
  static func idle(_ host: HostConfig) -> [String] {
    guard host.networkMode == "host", !(host.portBindings ?? [:]).isEmpty else { return [] }
    return ["Published ports are discarded when using host network mode"]
  }

  /// An image of another machine, which nobody has asked for by name.
  static func platform(_ image: Platform, _ asked: Platform?, host: Platform = .host) -> [String] {
    guard asked == nil, !image.serves(host) else { return [] }
    return [
      "The requested image's platform (\(image)) does not match the detected host platform (\(host)) "
        + "and no specific platform was requested"
    ]
  }

  private static func unsupported(_ what: String, _ consequence: String) -> String {
    "Your kernel does not support \(what) or the cgroup is not mounted. \(consequence)"
  }
}
