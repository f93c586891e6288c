import EngineErrors
import Linux
import Reactor
import ShimProtocol

/// A container whose shim was killed: what the shim would have done about its end is done here.
struct LostShims {
  private var count = 0
  private var last: Int64 = 0
  private var pause = RestartPause()

  /// How long to wait before the container is started again, in nanoseconds; nil where its policy does not want it.
  /// `restarts` is how often its shims have restarted it. Times are of a clock that never runs back.
  mutating func pause(_ policy: RestartPolicy, restarts: Int, at now: Int64) -> Int64? {
    switch policy.name {
    case .no: return nil
    case .onFailure where policy.maximumRetries > 0 && restarts + count >= policy.maximumRetries: return nil
    case .always, .unlessStopped, .onFailure: break
    }
    if count > 0, now - last >= RestartPause.stable + pause.nanoseconds {
      count = 0
      pause.startOver()
    }
    (count, last) = (count + 1, now)
    return pause.next()
  }
}

extension Container {
  /// Starts it again where its policy wants that and the user has not ended it.
  func startAfterLoss() {
    let (ended, restarts) = (record.life.finishedAt, record.life.restartCount)
    guard !record.stoppedByUser, !removing,
      let pause = lostShims.pause(restartPolicy, restarts: restarts, at: Clock.monotonic)
    else { return }
    Task {
      try await sleep(milliseconds: Int(pause / 1_000_000))
      guard !removing, !record.stoppedByUser, !record.life.isRunning, record.life.finishedAt == ended else {
        return
      }
      do throws(EngineError) { try await start() } catch {
        Log.error("container \(record.shortID) could not be started again: \(error)")
      }
    }
  }
}
