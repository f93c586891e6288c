import DockerAPI
import EngineErrors
import OCISpec

extension Bundle {
  /// The limits that HostConfig asks for.
  static func resources(_ request: BundleRequest) throws(EngineError) -> Resources {
    let host = request.host
    var resources = Resources(
      devices: host.privileged ? [DeviceRule(allow: true, access: "rwm")] : deviceRules + request.deviceRules)
    resources.memory = memory(host)
    resources.cpu = cpu(host)
    if let limit = host.pidsLimit, limit != 0 { resources.pids = Pids(limit: limit) }
    resources.blockIO = request.blockIO
    return resources
  }

  static func memory(_ host: HostConfig) -> Memory? {
    guard
      host.memory > 0 || host.memoryReservation > 0 || host.memorySwap != 0 || host.memorySwappiness != nil
        || host.oomKillDisable == true
    else { return nil }
    var memory = Memory()
    if host.memory > 0 { memory.limit = host.memory }
    if host.memoryReservation > 0 { memory.reservation = host.memoryReservation }
    // As much swap as memory, unless said otherwise (docs.docker.com, "Resource constraints").
    if host.memorySwap != 0 {
      memory.swap = host.memorySwap
    } else if host.memory > 0 {
      memory.swap = host.memory * 2
    }
    if let swappiness = host.memorySwappiness, swappiness >= 0 { memory.swappiness = UInt64(swappiness) }
    if host.oomKillDisable == true { memory.disableOOMKiller = true }
    return memory
  }

  static func cpu(_ host: HostConfig) -> CPU? {
    var cpu = CPU()
    if host.cpuShares > 0 { cpu.shares = UInt64(host.cpuShares) }
    if host.nanoCpus > 0 {
      cpu.period = 100_000
      cpu.quota = host.nanoCpus / 10_000
    }
    if host.cpuPeriod > 0 { cpu.period = UInt64(host.cpuPeriod) }
    if host.cpuQuota != 0 { cpu.quota = host.cpuQuota }
    if host.cpuRealtimePeriod > 0 { cpu.realtimePeriod = UInt64(host.cpuRealtimePeriod) }
    if host.cpuRealtimeRuntime != 0 { cpu.realtimeRuntime = host.cpuRealtimeRuntime }
    if !host.cpusetCpus.isEmpty { cpu.cpus = host.cpusetCpus }
    if !host.cpusetMems.isEmpty { cpu.mems = host.cpusetMems }
    return cpu == CPU() ? nil : cpu
  }

  /// Nothing but making device files, the usual six, and terminals.
  private static let deviceRules = [
    DeviceRule(allow: false, access: "rwm"),
    DeviceRule(allow: true, type: "c", access: "m"), DeviceRule(allow: true, type: "b", access: "m"),
    DeviceRule(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 1, minor: 5, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 1, minor: 7, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 1, minor: 8, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 1, minor: 9, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 5, minor: 0, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 5, minor: 1, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 5, minor: 2, access: "rwm"),
    DeviceRule(allow: true, type: "c", major: 136, access: "rwm"),
  ]
}
