import EngineErrors
import Reactor

extension Container {
  /// Stops and starts. Who inspects the container in between is answered when it runs again, as by dockerd: Compose,
  /// told that a container has ended, looks whether it runs, and leaves an attached `up` when none does any more.
  func restart(signal: String?, timeout: Int?) async throws(EngineError) {
    let end = Latch()
    restartEnd = end
    defer {
      end.open()
      if restartEnd === end { restartEnd = nil }
    }
    _ = try await stop(signal: signal, timeout: timeout)
    try await start()
    publish("restart")
  }

  /// Waits while a restart has stopped the container and not started it yet.
  func stopBetweenIsOver() async {
    guard let restartEnd, !record.life.isRunning else { return }
    // Whoever is cancelled does not wait any more.
    try? await restartEnd.wait()
  }
}
