import ComposeModel
import DockerAPI
import DockerClient
import JSON
import TerminalUI

/// Commands that a service wants run in its containers after their start or before their stop.
struct Hooks: Sendable {
  let client: DockerClient

  /// Runs `hooks` one after the other; throws when one fails.
  func run(_ hooks: [JSONObject], in container: String) async throws {
    for hook in hooks {
      var request = ExecCreateRequest()
      request.cmd = StringList((hook["command"]?.array ?? []).compactMap(\.string))
      request.user = hook["user"]?.string ?? ""
      request.privileged = hook["privileged"]?.bool ?? false
      request.workingDir = hook["working_dir"]?.string ?? ""
      request.env = hook["environment"]?.object?.map { entry in
        entry.value.string.map { "\(entry.key)=\($0)" } ?? entry.key
      }
      request.attachStdout = true
      request.attachStderr = true
      let code = try await client.runExec(in: container, request) { piece in
        (piece.stream == .stdout ? StandardStream.output : .error).write(piece.bytes)
      }
      guard code == 0 else { throw ComposeFailure("hook exited with status \(code)") }
    }
  }
}
