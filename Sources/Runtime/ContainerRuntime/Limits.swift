import Cgroups
import OCISpec

extension CgroupLimits {
  /// The limits of a bundle. Where it limits devices at all, those that every container needs are allowed
  /// last.
  init(_ resources: Bundle.Resources) {
    self.init()
    memory = resources.memory?.limit
    memoryReservation = resources.memory?.reservation
    memoryAndSwap = resources.memory?.swap
    swappiness = resources.memory?.swappiness
    disableOOMKiller = resources.memory?.disableOOMKiller
    kernelMemory = resources.memory?.kernel
    kernelTCPMemory = resources.memory?.kernelTCP
    checksUsage = resources.memory?.checkBeforeUpdate ?? false
    cpuBurst = resources.cpu?.burst
    cpuShares = resources.cpu?.shares
    cpuQuota = resources.cpu?.quota
    cpuPeriod = resources.cpu?.period
    cpuRealtimeRuntime = resources.cpu?.realtimeRuntime
    cpuRealtimePeriod = resources.cpu?.realtimePeriod
    cpuIdle = resources.cpu?.idle.map { $0 != 0 }
    cpus = resources.cpu?.cpus
    memoryNodes = resources.cpu?.mems
    processes = resources.pids?.limit
    if let blockIO = resources.blockIO { take(blockIO) }
    hugePages = resources.hugepageLimits.map { HugePages(size: $0.pageSize, bytes: $0.limit) }
    rdma = resources.rdma.mapValues { device in
      [
        device.hcaHandles.map { "hca_handle=\($0)" }, device.hcaObjects.map { "hca_object=\($0)" },
      ].compactMap { $0 }.joined(separator: " ")
    }
    networkClass = resources.network?.classID
    networkPriorities = (resources.network?.priorities ?? []).map { "\($0.name) \($0.priority)" }
    unified = resources.unified
    devices = resources.devices.map(Self.rule)
    if !devices.isEmpty { devices += Self.alwaysAllowed }
  }

  private mutating func take(_ blockIO: Bundle.BlockIO) {
    blockWeight = blockIO.weight
    blockLeafWeight = blockIO.leafWeight
    blockDeviceWeights = blockIO.weightDevice.map {
      BlockDeviceWeight(major: $0.major, minor: $0.minor, weight: $0.weight, leafWeight: $0.leafWeight)
    }
    let kinds: [(BlockThrottle.Kind, [Bundle.Throttle])] = [
      (.readBytes, blockIO.throttleReadBpsDevice), (.writeBytes, blockIO.throttleWriteBpsDevice),
      (.readOperations, blockIO.throttleReadIOPSDevice), (.writeOperations, blockIO.throttleWriteIOPSDevice),
    ]
    for (kind, throttles) in kinds {
      blockThrottles += throttles.map { BlockThrottle(kind, major: $0.major, minor: $0.minor, rate: $0.rate) }
    }
  }

  private static func rule(_ rule: Bundle.DeviceRule) -> DeviceRule {
    let kind: DeviceRule.Kind =
      switch rule.type {
      case "c", "u": .character
      case "b": .block
      default: .all
      }
    let access = rule.access.flatMap { $0.isEmpty ? nil : $0 } ?? "rwm"
    return DeviceRule(
      allow: rule.allow, kind: kind, major: rule.major.flatMap(UInt32.init(exactly:)),
      minor: rule.minor.flatMap(UInt32.init(exactly:)), access: access)
  }

  /// Making any device file, and using the standard ones, pseudo-terminals and the console.
  private static let alwaysAllowed =
    [
      DeviceRule(allow: true, kind: .character, access: "m"),
      DeviceRule(allow: true, kind: .block, access: "m"),
      DeviceRule(allow: true, kind: .character, major: 5, minor: 0),
      DeviceRule(allow: true, kind: .character, major: 5, minor: 1),
      DeviceRule(allow: true, kind: .character, major: 5, minor: 2),
      DeviceRule(allow: true, kind: .character, major: 136),
    ]
    + DeviceFiles.standard.map {
      DeviceRule(allow: true, kind: .character, major: 1, minor: UInt32($0.minor))
    }
}
