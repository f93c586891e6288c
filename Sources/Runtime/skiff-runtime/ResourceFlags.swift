import ContainerRuntime
import JSON
import Linux
import OCISpec

/// The limits that `update` is given: a document, or single flags.
enum ResourceFlags {
  static let help = [
    ("--resources FILE, -r FILE", "limits as a document; - is standard input"),
    ("--memory, --memory-reservation, --memory-swap BYTES", "-1: none; k, m, g are understood"),
    ("--cpu-share, --cpu-quota, --cpu-period, --cpu-burst, --cpu-idle N", "CPU time"),
    ("--cpu-rt-period, --cpu-rt-runtime N", "real-time CPU time"),
    ("--cpuset-cpus, --cpuset-mems LIST", "CPUs and memory nodes"), ("--pids-limit N", "processes"),
    ("--blkio-weight N", "10 to 1000"),
  ]

  static let names = [
    "kernel-memory", "kernel-memory-tcp", "cpu-burst", "l3-cache-schema", "mem-bw-schema",
    "resources", "memory", "memory-reservation", "memory-swap", "pids-limit", "cpu-share", "cpu-shares",
    "cpu-quota",
    "cpu-period", "cpu-rt-period", "cpu-rt-runtime", "cpu-idle", "cpuset-cpus", "cpuset-mems", "blkio-weight",
  ]

  static func read(_ flags: ArgumentReader) throws(RuntimeError) -> Bundle.Resources {
    if let path = flags.value("resources") { return try readDocument(path == "-" ? "/dev/stdin" : path) }
    func number(_ name: String) throws(RuntimeError) -> Int64? {
      guard let text = flags.value(name) else { return nil }
      guard let number = Self.amount(text) else {
        throw RuntimeError(.invalid, "--\(name): not a number: \(text)")
      }
      return number
    }
    func unsigned(_ name: String) throws(RuntimeError) -> UInt64? {
      try number(name).map(UInt64.init(clamping:))
    }
    var resources = Bundle.Resources()
    resources.memory = Bundle.Memory(
      limit: try number("memory"), reservation: try number("memory-reservation"),
      swap: try number("memory-swap"))
    let shares = flags.value("cpu-share") == nil ? "cpu-shares" : "cpu-share"
    var cpu = Bundle.CPU(
      shares: try unsigned(shares), quota: try number("cpu-quota"),
      period: try unsigned("cpu-period"), cpus: flags.value("cpuset-cpus"), mems: flags.value("cpuset-mems"))
    cpu.realtimePeriod = try unsigned("cpu-rt-period")
    cpu.realtimeRuntime = try number("cpu-rt-runtime")
    cpu.idle = try number("cpu-idle")
    cpu.burst = try unsigned("cpu-burst")
    resources.cpu = cpu
    resources.pids = try number("pids-limit").map { Bundle.Pids(limit: $0) }
    resources.blockIO = try unsigned("blkio-weight").map { Bundle.BlockIO(weight: UInt16(clamping: $0)) }
    return resources
  }

  /// A number, or one with a `k`, `m` or `g` behind it; nil for anything else.
  private static func amount(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
    guard let last = text.lowercased().last, let unit = units[last] else { return Int64(text) }
    guard let number = Int64(text.dropLast()) else { return nil }
    let (amount, overflows) = number.multipliedReportingOverflow(by: unit)
    return overflows ? nil : amount
  }

  private static func readDocument(_ path: String) throws(RuntimeError) -> Bundle.Resources {
    do {
      return try JSON.read(Bundle.Resources.self, from: try Files.read(path))
    } catch {
      throw RuntimeError(.invalid, "read the limits: \(error)")
    }
  }
}
