import ShimProtocol

/// Judges a container by its probes: pure, times in nanoseconds of a clock that never runs back.
struct HealthMonitor {
  static let longestOutput = 4096
  static let keptProbes = 5

  private let check: HealthCheck
  private var startTime: Int64 = 0
  /// During the start period failures do not count, until the first success.
  private var isStarting = true
  private(set) var state = HealthState(status: .starting, failingStreak: 0, log: [])

  init(_ check: HealthCheck) {
    var check = check
    if check.interval <= 0 { check.interval = 30_000_000_000 }
    if check.timeout <= 0 { check.timeout = 30_000_000_000 }
    if check.startInterval <= 0 { check.startInterval = 5_000_000_000 }
    if check.retries <= 0 { check.retries = 3 }
    self.check = check
  }

  var timeout: Int64 { check.timeout }
  var arguments: [String] { check.arguments }
  var target: ProbeTarget? { check.target }
  var refusal: String? { check.refusal }

  /// A new run begins.
  mutating func started(at now: Int64) {
    startTime = now
    isStarting = true
    state = HealthState(status: .starting, failingStreak: 0, log: [])
  }

  /// A probe's output as it is kept: what is longer than 4096 bytes ends with dots instead.
  static func text(of output: [UInt8]) -> String {
    let text = String(decoding: output.prefix(longestOutput), as: UTF8.self)
    return output.count > longestOutput ? text + "..." : text
  }

  /// How long to wait before the next probe.
  func pause(at now: Int64) -> Int64 {
    isStarting && now - startTime < check.startPeriod
      ? min(check.startInterval, check.interval) : check.interval
  }

  /// Takes a probe's result in; whether the status is another than before.
  mutating func probed(_ probe: HealthState.Probe, at now: Int64) -> Bool {
    let before = state.status
    state.log = Array((state.log + [probe]).suffix(Self.keptProbes))
    if probe.exitCode == 0 {
      isStarting = false
      state.failingStreak = 0
      state.status = .healthy
    } else if !(isStarting && now - startTime < check.startPeriod) {
      isStarting = false
      state.failingStreak += 1
      if state.failingStreak >= check.retries { state.status = .unhealthy }
    }
    return state.status != before
  }
}
