import Linux
import OCISpec

/// Sockets that a service manager gave this program for the container's command (sd_listen_fds(3)).
struct PassedSockets: Sendable {
  /// They are descriptors 3 and up.
  let count: Int32
  private let names: String?

  /// nil when there are none, or when they are meant for another process.
  static func received() -> PassedSockets? {
    guard let text = Environment.value("LISTEN_FDS"), let count = Int32(text), (1...1024).contains(count)
    else {
      return nil
    }
    if let pid = Environment.value("LISTEN_PID"), pid != "\(Processes.ownID)" { return nil }
    return PassedSockets(count: count, names: Environment.value("LISTEN_FDNAMES"))
  }

  /// Tells the command, which is process 1.
  func tell(_ bundle: inout Bundle) {
    var variables = ["LISTEN_FDS=\(count)", "LISTEN_PID=1"]
    if let names { variables.append("LISTEN_FDNAMES=\(names)") }
    bundle.process?.env += variables
  }
}
