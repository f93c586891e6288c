import Bundles
import DockerAPI
import EngineErrors
import Linux
import ShimProtocol
import Supervision

extension Container {
  /// Stops with the container's signal, or `signal`, and kills after `timeout` seconds (negative: never). One that is not
  /// stopped `byUser` is started again by the next engine, where its restart policy says so.
  /// - Returns: false where it was not running.
  func stop(signal: String?, timeout: Int?, byUser: Bool = true) async throws(EngineError) -> Bool {
    let number = try signalNumber(signal ?? record.config.stopSignal ?? "")
    guard record.life.isRunning, let shim else { return false }
    if byUser { try await noteStopByUser() }
    if record.life.phase == .paused { try await goOn() }
    let over = untilEnd()
    publish("kill", ["signal": String(number)])
    stopSignalSent = number
    defer { stopSignalSent = nil }
    let asked = timeout ?? record.config.stopTimeout
    try await outliving(over, isFinal: true) { () throws(EngineError) in
      try await shim.stop(signal: number, timeout: asked ?? Self.usualStopTime, mayHurry: asked == nil)
    }
    for await _ in over {}
    publish("stop")
    return true
  }

  /// Sends a signal; one that ends the container keeps it from being restarted, by the next engine too where `byUser`.
  func kill(signal: String, byUser: Bool = true) async throws(EngineError) {
    let number = try signalNumber(signal, default: Signal.kill.rawValue)
    guard record.life.isRunning, let shim else {
      throw EngineError(.conflict, "container \(id) is not running")
    }
    let isFatal = [Signal.kill.rawValue, Signal.terminate.rawValue, stopSignal].contains(number)
    if isFatal && byUser { try await noteStopByUser() }
    if record.life.phase == .paused && number == Signal.kill.rawValue { try await goOn() }
    let over = untilEnd()
    let isSent = try await outliving(over, isFinal: isFatal) { () throws(EngineError) in
      try await shim.kill(signal: number, final: isFatal)
    }
    guard isSent else { throw EngineError(.conflict, "container \(id) is not running") }
    publish("kill", ["signal": String(number)])
    if number == Signal.kill.rawValue { for await _ in over {} }
  }

  /// Asks the shim. It may be ending just now: then this waits until everybody knows that the container has ended.
  /// - Returns: false in that case.
  @discardableResult
  private func outliving(
    _ over: AsyncStream<Departure>, isFinal: Bool, _ ask: () async throws(EngineError) -> Void
  ) async throws(EngineError) -> Bool {
    do {
      try await ask()
      return true
    } catch {
      // A shim that has seen the end refuses what would be final; others it refuses before a restart, too.
      let hasSeenEnd = isFinal && (error.cause as? ShimFailure)?.kind == .wrongPhase
      guard error.cause is ShimGone || hasSeenEnd else { throw error }
      for await _ in over {}
      return false
    }
  }

  /// Written down before anybody acts on it: a daemon that dies now must not start it again.
  private func noteStopByUser() async throws(EngineError) {
    guard !record.stoppedByUser else { return }
    record.stoppedByUser = true
    try await save()
  }

  /// Seconds.
  static let usualStopTime = 10

  var stopSignal: Int32 { Signal(record.config.stopSignal ?? "")?.rawValue ?? Signal.terminate.rawValue }

  func pause() async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      guard record.life.phase != .paused else {
        throw EngineError(.conflict, "container \(id) is already paused")
      }
      try await requireRunning().pause()
      await happened(.paused)
    }
  }

  func unpause() async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      guard record.life.phase == .paused else {
        throw EngineError(.conflict, "container \(id) is not paused")
      }
      try await requireRunning().resume()
      await happened(.resumed)
    }
  }

  /// Unpauses what may have ended in the meantime; whoever asks next hears of that.
  func goOn() async throws(EngineError) {
    do throws(EngineError) { try await unpause() } catch {
      guard error.kind == .unavailable || error.kind == .conflict else { throw error }
    }
  }

  /// A stream that yields once, when what `condition` names has come.
  func waiters(for condition: WaitCondition) -> AsyncStream<Departure> {
    if condition == .notRunning && !record.life.isRunning { return departed() }
    return listen(Awaited(condition))
  }

  /// Yields once when the container has ended and no restart follows.
  func untilEnd() -> AsyncStream<Departure> { record.life.isRunning ? listen(.end) : departed() }

  private func departed() -> AsyncStream<Departure> {
    let (stream, continuation) = AsyncStream.makeStream(of: Departure.self)
    continuation.yield(departure(record.life.exitCode))
    continuation.finish()
    return stream
  }

  private func listen(_ awaited: Awaited) -> AsyncStream<Departure> {
    waiters.add(awaited) { [weak self] number in
      Task { await self?.forgetWaiter(number) }
    }
  }

  private func forgetWaiter(_ number: Int) { waiters.remove(number) }

  private func signalNumber(_ text: String, default standard: Int32 = Signal.terminate.rawValue)
    throws(EngineError) -> Int32
  {
    guard !text.isEmpty else { return standard }
    guard let signal = Signal(text) else {
      throw EngineError(.invalidArgument, "invalid signal: \(text)")
    }
    return signal.rawValue
  }
}
