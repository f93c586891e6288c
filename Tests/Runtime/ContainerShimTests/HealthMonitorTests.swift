import ShimProtocol
import Testing

@testable import ContainerShim

private let second: Int64 = 1_000_000_000

private func monitor(startPeriod: Int64 = 0, retries: Int = 2) -> HealthMonitor {
  var monitor = HealthMonitor(
    HealthCheck(
      arguments: ["true"], interval: 10 * second, timeout: second, startPeriod: startPeriod,
      startInterval: second,
      retries: retries))
  monitor.started(at: 0)
  return monitor
}

private func probe(_ code: Int32) -> HealthState.Probe {
  HealthState.Probe(start: "", end: "", exitCode: code, output: "")
}

/// Plays probes at their seconds: the status and streak after each, with a star where the status has changed.
private func play(_ health: inout HealthMonitor, _ script: [(Int64, Int32)]) -> [String] {
  script.map { moment, code in
    let changed = health.probed(probe(code), at: moment * second)
    return "\(health.state.status) \(health.state.failingStreak)\(changed ? "*" : "")"
  }
}

@Suite struct HealthMonitorTests {
  @Test func `it becomes unhealthy after so many failures, healthy after one success`() {
    var health = monitor()
    let seen = play(&health, [(1, 1), (2, 1), (3, 0), (4, 1)])
    #expect(seen == ["starting 1", "unhealthy 2*", "healthy 0*", "healthy 1"])
  }

  @Test func `in the start period failures do not count and probes come faster`() {
    var health = monitor(startPeriod: 30 * second, retries: 1)
    #expect(health.pause(at: 0) == second)
    let seen = play(&health, [(1, 1), (31, 1)])
    #expect(seen == ["starting 0", "unhealthy 1*"])
    #expect(health.pause(at: 31 * second) == 10 * second)
  }

  @Test func `the first success ends the start period`() {
    var health = monitor(startPeriod: 30 * second, retries: 1)
    let seen = play(&health, [(1, 0), (2, 1)])
    #expect(seen == ["healthy 0*", "unhealthy 1*"])
    #expect(health.pause(at: second) == 10 * second)
  }

  @Test func `the last five probes are kept, and a new run forgets them`() {
    var health = monitor()
    for code in 0..<7 { _ = health.probed(probe(Int32(code)), at: 0) }
    #expect(health.state.log.map(\.exitCode) == [2, 3, 4, 5, 6])
    health.started(at: 5)
    #expect(health.state == HealthState(status: .starting, failingStreak: 0, log: []))
  }

  @Test func `what is left open gets docker's defaults`() {
    var health = HealthMonitor(
      HealthCheck(arguments: [], interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0))
    #expect(health.pause(at: 0) == 30 * second && health.timeout == 30 * second)
    let seen = play(&health, [(0, 1), (0, 1), (0, 1)])
    #expect(seen == ["starting 1", "starting 2", "unhealthy 3*"])
  }

  @Test func `output is kept up to 4096 bytes, and what is cut off is marked`() {
    let line = Array("0123456789abcdef".utf8)
    let exact = Array(repeatElement(line, count: 256).joined())
    #expect(HealthMonitor.text(of: exact) == String(decoding: exact, as: UTF8.self))
    #expect(HealthMonitor.text(of: exact + [120]) == String(decoding: exact, as: UTF8.self) + "...")
  }
}
