import Cgroups
import OCISpec
import Systemd

/// A container's limits as properties of a unit (systemd.resource-control(5)), so that systemd knows and keeps what the
/// runtime also writes itself; what systemd has no word for is only written.
enum ScopeProperties {
  typealias Property = (name: String, value: BusValue)

  /// Properties younger than `version` of systemd are left out.
  static func limits(_ limits: CgroupLimits, unified: Bool, version: Int) -> [Property] {
    (unified ? unifiedMemory(limits) : separateMemory(limits))
      + cpu(limits, unified: unified, version: version)
      + (unified ? unifiedFiles(limits, version: version) : [])
  }

  private static func amount(_ value: Int64) -> BusValue { .uint64(value < 0 ? .max : UInt64(value)) }

  private static func separateMemory(_ limits: CgroupLimits) -> [Property] {
    var found: [Property] = []
    if let memory = limits.memory, memory != 0 { found.append(("MemoryLimit", amount(memory))) }
    if let weight = limits.blockWeight, weight != 0 {
      found.append(("BlockIOWeight", .uint64(UInt64(weight))))
    }
    return found + tasks(limits)
  }

  private static func unifiedMemory(_ limits: CgroupLimits) -> [Property] {
    var found: [Property] = []
    if let memory = limits.memory, memory != 0 { found.append(("MemoryMax", amount(memory))) }
    if let low = limits.memoryReservation, low != 0 { found.append(("MemoryLow", amount(low))) }
    if let both = limits.memoryAndSwap, both != 0 {
      found.append(
        ("MemorySwapMax", both < 0 ? amount(-1) : amount(max(0, both - max(0, limits.memory ?? 0)))))
    }
    if let weight = limits.blockWeight, weight != 0 {
      found.append(("IOWeight", .uint64(1 + (UInt64(max(10, weight)) - 10) * 9999 / 990)))
    }
    return found + tasks(limits)
  }

  private static func tasks(_ limits: CgroupLimits) -> [Property] {
    guard let most = limits.processes else { return [] }
    return [("TasksMax", amount(most > 0 ? most : -1))]
  }

  private static func cpu(_ limits: CgroupLimits, unified: Bool, version: Int) -> [Property] {
    var found: [Property] = []
    if let shares = limits.cpuShares, shares != 0 {
      found.append(
        unified
          ? ("CPUWeight", .uint64(CgroupLimits.weight(shares: shares))) : ("CPUShares", .uint64(shares)))
    }
    let (quota, period) = (limits.cpuQuota ?? 0, limits.cpuPeriod ?? 0)
    if period != 0, version >= 242 { found.append(("CPUQuotaPeriodUSec", .uint64(period))) }
    if quota != 0 || period != 0 { found.append(("CPUQuotaPerSecUSec", .uint64(share(quota, period)))) }
    return found
  }

  /// Microseconds per second, up to the next hundredth, which is as fine as systemd counts.
  private static func share(_ quota: Int64, _ period: UInt64) -> UInt64 {
    guard quota > 0 else { return .max }
    let (product, overflows) = UInt64(quota).multipliedReportingOverflow(by: 1_000_000)
    let exact = (overflows ? .max : product) / (period == 0 ? 100_000 : period)
    return exact > .max - 10_000 ? .max : (exact + 9999) / 10_000 * 10_000
  }

  /// CPUs and memory nodes, and those of the files of version 2 that systemd has a word for.
  private static func unifiedFiles(_ limits: CgroupLimits, version: Int) -> [Property] {
    var found: [Property] = []
    let sets = [
      ("AllowedCPUs", limits.unified["cpuset.cpus"] ?? limits.cpus),
      ("AllowedMemoryNodes", limits.unified["cpuset.mems"] ?? limits.memoryNodes),
    ]
    for (name, list) in sets where version >= 244 {
      if let list, let numbers = NumberList.parse(list) { found.append((name, .bytes(mask(numbers)))) }
    }
    let sizes = [
      ("memory.min", "MemoryMin"), ("memory.low", "MemoryLow"), ("memory.high", "MemoryHigh"),
      ("memory.max", "MemoryMax"), ("memory.swap.max", "MemorySwapMax"), ("pids.max", "TasksMax"),
      ("cpu.weight", "CPUWeight"),
    ]
    for (file, name) in sizes {
      guard let text = limits.unified[file] else { continue }
      if text == "max" { found.append((name, amount(-1))) }
      if let number = UInt64(text) { found.append((name, .uint64(number))) }
    }
    return found
  }

  /// A bit for each number.
  static func mask(_ numbers: [Int]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (numbers.max() ?? -1) / 8 + 1)
    for number in numbers { bytes[number / 8] |= 1 << UInt8(number % 8) }
    return bytes
  }

  /// Rules that allow single devices after all were denied; systemd has no word for others.
  static func devices(_ rules: [CgroupLimits.DeviceRule]) -> [Property] {
    guard let first = rules.first, first.matchesAll, !first.allow, rules.dropFirst().allSatisfy(\.allow),
      !rules.dropFirst().contains(where: \.matchesAll)
    else { return [] }
    let allowed = rules.dropFirst().map { rule in
      BusValue.structure([.string(node(rule)), .string(rule.letters)])
    }
    return [("DevicePolicy", .string("strict")), ("DeviceAllow", .array(of: "(ss)", allowed))]
  }

  private static func node(_ rule: CgroupLimits.DeviceRule) -> String {
    let kind = rule.kind == .block ? "block" : "char"
    guard let major = rule.major else { return "\(kind)-*" }
    guard let minor = rule.minor else { return "\(kind)-\(major)" }
    return "/dev/\(kind)/\(major):\(minor)"
  }
}
