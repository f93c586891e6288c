import ContainerLog
import JSON
import Linux
import ShimProtocol

/// One container's life beside it.
///
///   start ─→ launch ─→ runs ─→ exit ─→ kept, told ─→ end
///              ↑                 └──→ told ─→ pause ─┐
///              └──────── (restart policy) ───────────┘
final class Shim {
  let spec: ShimSpec
  let loop: Loop
  let children: Children
  let driver: any ContainerDriver
  private let log: LogSink?
  private let reserve = DescriptorReserve()
  private(set) var lifecycle: Lifecycle
  private var health: HealthRunner?
  private var memory: MemoryWatch?
  private(set) var streams: ProcessStreams?
  /// The container's first process while one runs.
  private(set) var pid: Int32 = 0
  private var isPaused = false
  private var startedAt: Int64 = 0
  private var lastExit: ExitStatus?
  /// Why it is going to end, where the shim itself sees to that.
  private var reason: String?
  private var killTimer: Loop.Token?
  private var pauseTimer: Loop.Token?
  /// Attached while nothing runs: they get the next run's streams.
  private var early: [(channel: Channel, stdin: Bool, stdout: Bool, stderr: Bool)] = []
  private var subscribers: [Channel] = []
  var execs: [String: ExecSession] = [:]
  var endedExecs: [ExecState] = []
  /// The sockets that keep its published ports begin behind the first connection.
  private static let firstKeptPort: Int32 = 4
  private let keptPorts: KeptPorts
  /// Called before the exit that no restart follows is told: from then on the container may be launched anew.
  var onEnding: () -> Void = {}
  /// Called when that is told. The root goes away with the shim's mount namespace, which may take its time.
  var onEnd: () -> Void = {}

  init(_ spec: ShimSpec, _ loop: Loop, _ children: Children, _ driver: any ContainerDriver)
    throws(SyscallError)
  {
    self.spec = spec
    self.loop = loop
    self.children = children
    self.driver = driver
    lifecycle = Lifecycle(policy: spec.restart)
    keptPorts = try KeptPorts(loop, spec, first: Self.firstKeptPort)
    if let path = spec.log.path {
      log = LogSink(
        try LogWriter(
          path: path, maximumSize: spec.log.maximumSize, maximumFiles: spec.log.maximumFiles,
          packer: spec.log.compress == true ? PackingProcess(children) : nil))
    } else {
      log = nil
    }
    if let check = spec.health { health = HealthRunner(self, check) }
  }

  var isRunning: Bool { lifecycle.phase == .running }

  var state: ShimState {
    let phase: ShimState.Phase =
      switch lifecycle.phase {
      case .created: .created
      case .running: isPaused ? .paused : .running
      case .restarting: .restarting
      case .ended: .exited
      }
    return ShimState(
      phase: phase, pid: isRunning ? pid : 0, restartCount: lifecycle.restartCount, startedAt: startText,
      health: health?.state, lastExit: lastExit, execs: endedExecs + execs.values.map(\.state),
      outOfMemory: isRunning ? outOfMemoryText(nil) : nil)
  }

  private var startText: String { startedAt == 0 ? "" : LogTime.text(startedAt) }

  // MARK: Beginning

  /// Makes the container with its streams; it waits for `start`.
  func create() throws(ShimFailure) {
    let plumbing = try refusing("pipes") { () throws(SyscallError) in
      try Plumbing(terminal: spec.terminal, stdin: spec.openStdin, size: spec.consoleSize)
    }
    let process = try driver.create(plumbing.console)
    pid = process.pid
    children.wait(for: pid) { [unowned self] status in
      reserve.lend { runEnded(status.exitCode, failure: nil) }
    }
    let streams = try plumbing.connected(
      loop, process, openStdin: spec.openStdin, closesInputWithClient: spec.stdinOnce)
    streams.record = { [unowned self] stream, bytes in
      // Whoever reads that a server is ready finds its ports open.
      keptPorts.look()
      log?.take(stream, bytes)
    }
    for client in early {
      streams.attach(client.channel, stdin: client.stdin, stdout: client.stdout, stderr: client.stderr)
      client.channel.setReading(true)
    }
    early = []
    self.streams = streams
  }

  /// The user starts it. `answer` hears how that went before anybody hears what came of it.
  func start(_ answer: (ShimReply) -> Void) {
    guard lifecycle.phase == .created else {
      return answer(.failed(ShimFailure(.wrongPhase, "container \(spec.id) is already started")))
    }
    _ = lifecycle.handle(.start, at: Clock.monotonic)
    do {
      try launch(again: false)
      answer(.pid(pid))
    } catch {
      answer(.failed(error))
      launchFailed(error)
    }
  }

  private func launch(again: Bool) throws(ShimFailure) {
    if again { try create() }
    startedAt = Clock.realtime
    reason = nil
    memory = watchMemory()
    try driver.start()
    isPaused = false
    _ = lifecycle.handle(.started, at: Clock.monotonic)
    keptPorts.containerStarted()
    tell(.started(pid: pid, at: startText))
    health?.started()
    // What making the container took of memory is given back once it is on its way.
    _ = loop.after(500_000_000) { Memory.giveBack() }
  }

  private func launchFailed(_ failure: ShimFailure) {
    Diagnostics.say("start: \(failure.message)")
    children.forget(pid)
    let code: Int32 =
      switch failure.kind {
      case .commandNotFound: 127
      case .commandNotExecutable: 126
      default: 128
      }
    runEnded(code, failure: failure.message)
  }

  // MARK: Ending

  /// The first process has ended, or could not be started. Its outputs are read empty before its end is known to anyone.
  private func runEnded(_ code: Int32, failure: String?) {
    loop.cancel(killTimer)
    health?.stopped()
    memory?.end()
    memory = nil
    pid = 0
    let ended = streams
    streams = nil
    if failure == nil { ended?.drain() }
    keptPorts.containerEnded()
    log?.end()
    lastExit = ExitStatus(
      code: code, outOfMemory: failure == nil && driver.outOfMemoryKills() > 0, startedAt: startText,
      finishedAt: LogTime.text(Clock.realtime), restartCount: lifecycle.restartCount, failure: failure,
      explanation: failure == nil ? explanation(code, reason) : nil)
    let effects = lifecycle.handle(.exited(code: code), at: Clock.monotonic)
    if effects.contains(.end) { return end(ended) }
    leave(ended, willRestart: true)
    perform(effects)
  }

  /// The exit that no restart follows: kept durably, then told.
  private func end(_ streams: ProcessStreams?) {
    if let lastExit { ExitFile.write(lastExit, to: spec.exitFile) }
    leave(streams, willRestart: false)
    onEnd()
  }

  private func leave(_ streams: ProcessStreams?, willRestart: Bool) {
    driver.delete()
    if !willRestart {
      // Whoever hears of the end may at once give the ports to another container, or to this one again.
      keptPorts.close()
      onEnding()
    }
    guard let lastExit else { return }
    for exec in execs.values { exec.containerEnded() }
    streams?.end(lastExit.code)
    tell(.exited(lastExit, willRestart: willRestart))
  }

  private func perform(_ effects: [Lifecycle.Effect]) {
    for effect in effects {
      switch effect {
      case .launch(let again):
        do { try launch(again: again) } catch { launchFailed(error) }
      case .pause(let nanoseconds):
        pauseTimer = loop.after(nanoseconds) { [unowned self] in
          perform(lifecycle.handle(.pauseOver, at: Clock.monotonic))
        }
      case .cancelPause: loop.cancel(pauseTimer)
      case .end: end(nil)
      }
    }
  }

  /// A container that was never started goes away without an exit.
  func discard() throws(ShimFailure) {
    guard lifecycle.phase == .created else { throw wrongPhase("is already started") }
    children.forget(pid)
    driver.delete()
    keptPorts.close()
    onEnding()
    streams?.end(0)
    onEnd()
  }

  // MARK: While it runs

  func kill(_ signal: Int32, all: Bool, final: Bool) throws(ShimFailure) {
    guard isRunning || lifecycle.phase == .restarting && final else { throw wrongPhase("is not running") }
    if final { userEnds() }
    do throws(ShimFailure) {
      if isRunning { try send(signal, all: all) }
    } catch  where final && error.kind == .wrongPhase {
      // It has just ended by itself; that it shall not be restarted is noted.
    }
    if final { thaw() }
  }

  private func send(_ signal: Int32, all: Bool) throws(ShimFailure) {
    try reserve.lend { () throws(ShimFailure) in try driver.signal(signal, all: all) }
  }

  /// A frozen process takes its death only once it is thawed.
  private func thaw() {
    guard isRunning, isPaused else { return }
    isPaused = false
    // Some runtimes have thawed it when they were asked to kill.
    do throws(ShimFailure) { try driver.resume() } catch { Diagnostics.say("thaw: \(error.message)") }
  }

  /// - Parameter mayHurry: nobody has asked for this timeout, so a process that cannot hear the signal is not waited for.
  func stop(_ signal: Int32, timeout: Int, mayHurry: Bool = false) throws(ShimFailure) {
    let deaf = mayHurry && isRunning ? deafness(to: Signal(rawValue: signal)) : nil
    if let deaf { note(reason: deaf) }
    try kill(signal, all: false, final: true)
    killLater(deaf == nil ? timeout : 0)
  }

  private func killLater(_ timeout: Int) {
    guard isRunning, timeout >= 0 else { return }
    loop.cancel(killTimer)
    killTimer = loop.after(Int64(min(timeout, 1 << 30)) * 1_000_000_000) { [unowned self] in
      // It may have ended in the same moment.
      do throws(ShimFailure) { try send(9, all: false) } catch {
        Diagnostics.say("kill: \(error.message)")
      }
    }
  }

  func noteHealthy() { _ = lifecycle.handle(.healthy, at: Clock.monotonic) }

  /// Told with the exit that is to come.
  func note(reason: String) { self.reason = reason }

  /// Ends it by a signal that is not the user's: its policy decides what follows.
  func end(because reason: String, signal: Int32) throws(ShimFailure) {
    note(reason: reason)
    try send(signal, all: false)
  }

  /// Stops it, to start it again whatever its policy.
  func restart(because reason: String, patience: Int) throws(ShimFailure) {
    _ = lifecycle.handle(.unwell, at: Clock.monotonic)
    let isDeaf = deafness(to: Signal(rawValue: spec.stopSignal)) != nil
    try end(because: reason, signal: spec.stopSignal)
    killLater(isDeaf ? 0 : patience)
  }

  func update(_ policy: RestartPolicy) { _ = lifecycle.handle(.policy(policy), at: Clock.monotonic) }

  func pause() throws(ShimFailure) {
    guard isRunning, !isPaused else { throw wrongPhase(isPaused ? "is already paused" : "is not running") }
    try driver.pause()
    isPaused = true
  }

  func resume() throws(ShimFailure) {
    guard isRunning, isPaused else { throw wrongPhase("is not paused") }
    try driver.resume()
    isPaused = false
  }

  /// Whether a process can be run beside the first one.
  func checkRunning() throws(ShimFailure) {
    if !isRunning { throw wrongPhase("is not running") }
    if isPaused { throw wrongPhase("is paused, unpause the container before exec") }
  }

  /// Somebody ends the shim's own process: its container is stopped first, as the user would stop it.
  func heard(_ signal: Signal) {
    guard signal == .terminate else { return }
    do throws(ShimFailure) {
      if lifecycle.phase == .created { try discard() } else { try stop(spec.stopSignal, timeout: 10) }
    } catch {
      Diagnostics.say(error.message)
    }
  }

  private func userEnds() { perform(lifecycle.handle(.userEnds, at: Clock.monotonic)) }

  private func wrongPhase(_ what: String) -> ShimFailure {
    ShimFailure(.wrongPhase, "container \(spec.id) \(what)")
  }

  // MARK: Clients

  func attach(_ channel: Channel, stdin: Bool, stdout: Bool, stderr: Bool) {
    if let streams { return streams.attach(channel, stdin: stdin, stdout: stdout, stderr: stderr) }
    early.append((channel, stdin, stdout, stderr))
    // What it gives is for the next run.
    channel.setReading(false)
    channel.onClose = { [unowned self, unowned channel] in early.removeAll { $0.channel === channel } }
  }

  func subscribe(_ channel: Channel, atBirth: Bool = false) {
    subscribers.append(channel)
    channel.onClose = { [unowned self, unowned channel] in
      subscribers.removeAll { $0 === channel }
      if atBirth { abandoned() }
    }
  }

  /// Whoever made this container is gone. Only who has started it can know that it is there.
  private func abandoned() {
    guard lifecycle.phase == .created else { return }
    do throws(ShimFailure) { try discard() } catch { Diagnostics.say(error.message) }
  }

  func tell(_ event: ShimEvent) {
    // Whoever hears that a server is healthy finds its ports open.
    if case .health = event { keptPorts.look() }
    let payload = JSON.encode(event)
    for subscriber in subscribers {
      subscriber.send(.event, payload)
      // One that never listens must not make the shim hoard.
      if subscriber.queued > Channel.highWater { subscriber.close() }
    }
  }
}

/// A system call's refusal as the reason why a request failed.
func refusing<Value: ~Copyable>(
  _ step: String, _ body: () throws(SyscallError) -> Value
) throws(ShimFailure) -> Value {
  do { return try body() } catch { throw ShimFailure(.failed, "\(step): \(error)") }
}
