import DockerAPI
import EngineErrors
import Linux
import OCISpec

/// Limits that this machine cannot keep, refused in docker's words.
enum ResourceCheck {
  static func check(_ host: HostConfig) throws(EngineError) {
    let count = HostCPU.count()
    if host.nanoCpus > 0, host.cpuPeriod != 0 { throw conflicting("CPU Period") }
    if host.nanoCpus > 0, host.cpuQuota != 0 { throw conflicting("CPU Quota") }
    if host.nanoCpus < 0 || host.nanoCpus > Int64(count) * 1_000_000_000 {
      throw invalid("range of CPUs is from 0.01 to \(count).00, as there are only \(count) CPUs available")
    }
    if host.cpuPeriod != 0, !(1000...1_000_000).contains(host.cpuPeriod) {
      throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")
    }
    if host.cpuQuota > 0, host.cpuQuota < 1000 {
      throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)")
    }
    try check(host.cpusetCpus, "cpus", "CPUs", online: "/sys/devices/system/cpu/online")
    try check(host.cpusetMems, "mems", "memory nodes", online: "/sys/devices/system/node/online")
    if let swappiness = host.memorySwappiness, swappiness != -1, !(0...100).contains(swappiness) {
      throw invalid("Invalid value: \(swappiness), valid memory swappiness range is 0-100")
    }
    if host.cpuShares < 0 {
      throw invalid("invalid CPU shares (\(host.cpuShares)): value must be a positive integer")
    }
    if host.memoryReservation > 0, host.memoryReservation < 6 << 20 {
      throw invalid("Minimum memory reservation allowed is 6MB")
    }
    if host.memoryReservation > 0, host.memory > 0, host.memoryReservation > host.memory {
      throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage")
    }
    if host.ioMaximumIOps ?? 0 != 0 || host.ioMaximumBandwidth ?? 0 != 0 {
      throw invalid("Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps")
    }
    if host.blkioWeight > 0, !(10...1000).contains(host.blkioWeight) {
      throw invalid("Range of blkio weight is from 10 to 1000")
    }
  }

  private static func check(
    _ list: String, _ kind: String, _ what: String, online path: String
  ) throws(EngineError) {
    guard !list.isEmpty else { return }
    guard let wanted = numbers(list) else {
      throw invalid("Invalid value \(list) for cpuset \(kind): invalid format: \(list)")
    }
    // Without the file nothing is known of what there is.
    guard let online = try? Files.text(path).split(separator: "\n").first.map(String.init),
      let there = numbers(online)
    else { return }
    guard wanted.isSubset(of: there) else {
      throw invalid("Requested \(what) are not available - requested \(list), available: \(online)")
    }
  }

  /// The numbers of `0-3,7`, below 8192; nil for what is no such list.
  static func numbers(_ list: String) -> Set<Int>? {
    NumberList.parse(list, below: 8192).map(Set.init)
  }

  private static func conflicting(_ what: String) -> EngineError {
    invalid("Conflicting options: Nano CPUs and \(what) cannot both be set")
  }

  private static func invalid(_ message: String) -> EngineError { EngineError(.invalidArgument, message) }
}
