import Linux
import ShimProtocol

extension Shim {
  /// How long a container that does not work has to end by itself, in seconds.
  private static let patience = 10

  /// Its health check has come to another judgement.
  func healthBecame(_ status: HealthState.Status, _ output: String) {
    if status == .healthy { noteHealthy() }
    guard status == .unhealthy, let action = spec.onUnhealthy else { return }
    let said = ProbeText.line(output.utf8)
    let why = "it was unhealthy: " + (said.isEmpty ? "its probe said nothing" : said)
    do throws(ShimFailure) {
      switch action {
      case .restart: try restart(because: "restarted, \(why)", patience: Self.patience)
      case .kill: try end(because: "killed, \(why)", signal: Signal.kill.rawValue)
      case .stop:
        note(reason: "stopped, \(why)")
        try stop(spec.stopSignal, timeout: Self.patience)
      }
    } catch {
      // It has ended in the same moment.
      Diagnostics.say("unhealthy: \(error.message)")
    }
  }
}
