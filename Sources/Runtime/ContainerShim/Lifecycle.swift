import ShimProtocol

/// When a container starts, is started again, and ends: pure, times in nanoseconds of a clock that never runs back.
struct Lifecycle {
  enum Phase: Equatable { case created, running, restarting, ended }

  enum Event: Equatable {
    case start
    /// The start that was asked for as an effect has happened, or not.
    case started
    case exited(code: Int32)
    case pauseOver
    /// The user wants it ended: a signal for that is under way if it runs.
    case userEnds
    case policy(RestartPolicy)
    /// Its health check says that it works.
    case healthy
    /// It is being stopped because it does not work, and shall be started again.
    case unwell
  }

  enum Effect: Equatable {
    /// Starts what is created; with `again`, creates it anew before.
    case launch(again: Bool)
    /// It ended; another launch follows after the pause.
    case pause(nanoseconds: Int64)
    case cancelPause
    /// It ended for good.
    case end
  }

  private(set) var phase = Phase.created
  private(set) var restartCount = 0
  private var policy: RestartPolicy
  private var isEndedByUser = false
  private var wasHealthy = false
  private var isUnwell = false
  private var pause = RestartPause()
  private var startTime: Int64 = 0

  init(policy: RestartPolicy) { self.policy = policy }

  mutating func handle(_ event: Event, at now: Int64) -> [Effect] {
    switch (event, phase) {
    case (.start, .created): return [.launch(again: false)]
    case (.started, .created), (.started, .restarting):
      phase = .running
      startTime = now
      (wasHealthy, isUnwell) = (false, false)
      return []
    case (.exited(let code), .running), (.exited(let code), .restarting), (.exited(let code), .created):
      return exited(code, ranFor: phase == .running ? now - startTime : 0)
    case (.pauseOver, .restarting): return [.launch(again: true)]
    case (.userEnds, .restarting):
      phase = .ended
      return [.cancelPause, .end]
    case (.userEnds, .running):
      isEndedByUser = true
      return []
    case (.policy(let policy), _):
      self.policy = policy
      return []
    case (.healthy, .running):
      wasHealthy = true
      return []
    case (.unwell, .running):
      isUnwell = true
      return []
    default: return []
    }
  }

  private mutating func exited(_ code: Int32, ranFor duration: Int64) -> [Effect] {
    guard phase != .created, wantsRestart(after: code) else {
      phase = .ended
      return [.end]
    }
    // One that never got well is started ever more seldom, however long its health check has waited.
    if isUnwell ? wasHealthy : duration >= RestartPause.stable { pause.startOver() }
    restartCount += 1
    phase = .restarting
    return [.pause(nanoseconds: pause.next())]
  }

  private func wantsRestart(after code: Int32) -> Bool {
    if isEndedByUser { return false }
    return switch policy.name {
    case .no: isUnwell
    case .always, .unlessStopped: true
    case .onFailure:
      (code != 0 || isUnwell) && (policy.maximumRetries == 0 || restartCount < policy.maximumRetries)
    }
  }
}
