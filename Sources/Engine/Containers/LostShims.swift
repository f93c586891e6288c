import EngineErrors
import Linux
import Reactor
import ShimProtocol

/// A container whose shim was killed: what the shim would have done about its end is done here.
struct LostShims {
  static let shortestPause: Int64 = 100_000_000
  static let longestPause: Int64 = 60_000_000_000
  /// After so long a life the next loss is as the first, in nanoseconds.
  static let stable: Int64 = 10_000_000_000

  private var count = 0
  private var last: Int64 = 0
  private var pause: Int64 = 0

  /// How long to wait before the container is started again, in nanoseconds; nil where its policy does not want it.
  /// `restarts` is how often its shims have restarted it. Times are of a clock that never runs back.
  mutating func pause(_ policy: RestartPolicy, restarts: Int, at now: Int64) -> Int64? {
    switch policy.name {
    case .no: return nil
    case .onFailure where policy.maximumRetries > 0 && restarts + count >= policy.maximumRetries: return nil
    case .always, .unlessStopped, .onFailure: break
    }
    if count > 0, now - last >= Self.stable + pause { (count, pause) = (0, 0) }
    pause = pause == 0 ? Self.shortestPause : min(pause * 2, Self.longestPause)
    (count, last) = (count + 1, now)
    return pause
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
