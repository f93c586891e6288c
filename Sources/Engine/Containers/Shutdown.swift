import DockerAPI
import EngineErrors
import Linux
import Reactor

extension Containers {
  /// Stops every container that runs, each with its own signal and time, at the engine's end; the next engine starts those
  /// again whose restart policy says so. What still runs when the time is over is killed: `seconds`, or more where a
  /// container's own time to stop is longer; negative for as long as it takes.
  public func stopAll(within seconds: Int) async {
    var running: [Container] = []
    var times: [Int] = []
    for container in containers.values {
      let record = await container.record
      guard record.life.isRunning else { continue }
      running.append(container)
      times.append(record.config.stopTimeout ?? Container.usualStopTime)
    }
    guard !running.isEmpty else { return }
    Log.info("stopping \(running.count) containers")
    let limit = Self.shutdownLimit(seconds, times)
    await withTaskGroup(of: Void.self) { group in
      for container in running { group.addTask { await container.end(within: limit) } }
    }
  }

  /// As dockerd: five seconds more than the slowest container takes, if that is longer. Nil for no limit.
  static func shutdownLimit(_ seconds: Int, _ stopTimes: [Int]) -> Int? {
    if seconds < 0 || stopTimes.contains(where: { $0 < 0 }) { return nil }
    return max(seconds, (stopTimes.max() ?? 0) + 5)
  }
}

extension Container {
  /// Stops, or is killed when the time is over.
  fileprivate func end(within limit: Int?) async {
    let patience = limit.map { seconds in
      Task {
        try await sleep(milliseconds: seconds * 1000)
        Log.warning("container \(record.shortID) does not stop in time: killing it")
        try await kill(signal: "KILL", byUser: false)
      }
    }
    defer { patience?.cancel() }
    do throws(EngineError) { _ = try await stop(signal: nil, timeout: nil, byUser: false) } catch {
      Log.error("container \(record.shortID) could not be stopped: \(error)")
    }
  }
}
