import ContainerRuntime
import Linux

/// A command as it was called.
struct Call: Sendable {
  let command: String
  let arguments: [String]
  /// Where the states of containers are kept.
  let root: String
  let log: ErrorLog
  let isDebugging: Bool
  /// Systemd makes the cgroups.
  let usesSystemd: Bool

  /// Hears of each step, with --debug.
  var trace: (@Sendable (String) -> Void)? {
    guard isDebugging else { return nil }
    let log = log
    return { log.debug($0) }
  }

  func warn(_ texts: [String]) { for text in texts { log.warn(text) } }
}
