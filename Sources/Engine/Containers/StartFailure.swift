import EngineErrors

/// Texts that clients parse: docker's CLI chooses between exit codes 126 and 127 by what stands in the message.
enum StartFailure {
  /// 127 where the command was not found, 126 where it could not be executed, 128 for what went wrong otherwise.
  static func exitCode(_ message: String) -> Int32 {
    if message.contains("executable file not found") || message.contains("no such file or directory") {
      return 127
    }
    if message.contains("permission denied") || message.contains("exec format error")
      || message.contains("is a directory")
    {
      return 126
    }
    return 128
  }

  /// The engine's words around the runtime's, as docker has them.
  static func dressed(_ error: EngineError) -> EngineError {
    guard error.message.contains("unable to start container process") else { return error }
    let text =
      "failed to create task for container: failed to create shim task: OCI runtime create failed: \(error.message): unknown"
    return EngineError(.invalidArgument, text, cause: error.cause)
  }
}
