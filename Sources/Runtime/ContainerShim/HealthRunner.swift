import ContainerLog
import Linux
import ShimProtocol
import TextFormats

/// Runs the probes of a health check, one at a time.
final class HealthRunner {
  private unowned let shim: Shim
  private var monitor: HealthMonitor
  private var timer: Loop.Token?
  private var running: Running?
  private var probing: NetworkProbe?

  private final class Running {
    let pid: Int32
    let streams: ProcessStreams
    let startedAt = Clock.realtime
    var output: [UInt8] = []
    var isLate = false
    init(pid: Int32, streams: ProcessStreams) {
      self.pid = pid
      self.streams = streams
    }
  }

  init(_ shim: Shim, _ check: HealthCheck) {
    self.shim = shim
    monitor = HealthMonitor(check)
  }

  var state: HealthState { monitor.state }

  func started() {
    monitor.started(at: Clock.monotonic)
    shim.tell(.health(monitor.state))
    waitForNext()
  }

  /// The container's first process has ended: its probe ends with it.
  func stopped() {
    shim.loop.cancel(timer)
    if let running {
      shim.children.forget(running.pid)
      shim.tell(.probeExited(code: 128 + Signal.kill.rawValue))
    }
    running = nil
    probing?.cancel()
    probing = nil
  }

  private func waitForNext() {
    timer = shim.loop.after(monitor.pause(at: Clock.monotonic)) { [unowned self] in probe() }
  }

  private func probe() {
    do throws(ShimFailure) {
      try shim.checkRunning()
    } catch {
      // Paused: nothing is learnt meanwhile.
      return waitForNext()
    }
    if let refusal = monitor.refusal { return took(at: Clock.realtime, code: 1, refusal) }
    if let target = monitor.target { return look(at: target) }
    do throws(ShimFailure) {
      let plumbing = try refusing("pipes") { () throws(SyscallError) in
        try Plumbing(terminal: false, stdin: false, size: nil)
      }
      let process = try shim.driver.probe(monitor.arguments, plumbing.console)
      let streams = try plumbing.connected(shim.loop, process, openStdin: false, closesInputWithClient: false)
      begin(Running(pid: process.pid, streams: streams))
    } catch {
      took(at: Clock.realtime, code: -1, error.message)
    }
  }

  /// Asks the server itself: nothing runs in the container.
  private func look(at target: ProbeTarget) {
    let start = Clock.realtime
    let hosts = "\(shim.spec.bundle)/hosts"
    let probe = NetworkProbe(shim.loop, target, pid: shim.pid, hosts: hosts, timeout: monitor.timeout) {
      [unowned self] verdict, isLate in
      probing = nil
      took(at: start, code: isLate ? -1 : verdict.isHealthy ? 0 : 1, verdict.text)
    }
    probing = probe
    probe.begin()
  }

  private func begin(_ probe: Running) {
    running = probe
    shim.tell(.probeStarted)
    probe.streams.record = { [unowned probe] _, bytes in
      // One byte more than is shown tells that there was more.
      probe.output += bytes.prefix(HealthMonitor.longestOutput + 1 - probe.output.count)
    }
    shim.children.wait(for: probe.pid) { [unowned self] status in ended(probe, status.exitCode) }
    timer = shim.loop.after(monitor.timeout) {
      probe.isLate = true
      // A child that has ended already cannot be killed, and is being reaped.
      do { try Processes.signal(probe.pid, .kill) } catch { Diagnostics.say("health check: \(error)") }
    }
  }

  private func ended(_ probe: Running, _ code: Int32) {
    shim.loop.cancel(timer)
    running = nil
    probe.streams.drain()
    probe.streams.end(code)
    shim.tell(.probeExited(code: code))
    let said = HealthMonitor.text(of: probe.output)
    let late = "Health check exceeded timeout (\(GoDuration.format(nanoseconds: monitor.timeout)))"
    let text = !probe.isLate ? said : said.isEmpty ? late : "\(late): \(said)"
    took(at: probe.startedAt, code: probe.isLate ? -1 : code, text)
  }

  private func took(at start: Int64, code: Int32, _ output: String) {
    let probe = HealthState.Probe(
      start: LogTime.text(start), end: LogTime.text(Clock.realtime), exitCode: code, output: output)
    let changed = monitor.probed(probe, at: Clock.monotonic)
    shim.tell(.health(monitor.state))
    waitForNext()
    if changed { shim.healthBecame(monitor.state.status, output) }
  }
}
