import EngineErrors
import ShimProtocol

/// Texts that clients parse: docker's CLI chooses between exit codes 126 and 127 by what stands in the message.
enum StartFailure {
  /// The code of a command that could not be executed.
  static let notExecutable: Int32 = 126

  /// 127 where the command was not found, 126 where it could not be executed, 128 for what went wrong otherwise.
  static func exitCode(_ message: String) -> Int32 {
    if message.contains("executable file not found") || message.contains("no such file or directory") {
      return 127
    }
    if message.contains("permission denied") || message.contains("exec format error")
      || message.contains("is a directory")
    {
      return notExecutable
    }
    return 128
  }

  /// The engine's words around the runtime's, as docker has them for a command that cannot be run.
  static func dressed(_ error: EngineError) -> EngineError {
    dress(error, "failed to create task for container: failed to create shim task: OCI runtime create failed")
  }

  /// The same for a process beside the container's own.
  static func dressedForExec(_ error: EngineError) -> EngineError {
    dress(error, "OCI runtime exec failed: exec failed")
  }

  private static func dress(_ error: EngineError, _ words: String) -> EngineError {
    guard let failure = error.cause as? ShimFailure,
      failure.kind == .commandNotFound || failure.kind == .commandNotExecutable
    else { return error }
    // Older clients know a directory's refusal by these words only.
    let denied = error.message.contains("is a directory") ? ": permission denied" : ""
    let text = "\(words): unable to start container process: \(error.message): unknown\(denied)"
    return EngineError(.invalidArgument, text, cause: failure)
  }
}
