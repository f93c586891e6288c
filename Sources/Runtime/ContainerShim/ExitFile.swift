import JSON
import Linux
import ShimProtocol

/// Where the daemon finds the exit if it was not there to be told.
enum ExitFile {
  /// Written aside, synchronised, renamed, and its directory synchronised.
  static func write(_ status: ExitStatus, to path: String) {
    do {
      try Files.replace(path, JSON.encode(status), mode: 0o600)
      try Files.synchronizeDirectory(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
    } catch {
      // The clients are told all the same; only a daemon that is away will not know.
      Diagnostics.say("exit file: \(error)")
    }
  }
}
