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
      let id = try await client.createExec(in: container, request)
      for try await piece in try await client.startExec(id, tty: false) {
        (piece.stream == .stdout ? StandardStream.output : .error).write(piece.bytes)
      }
      let code = try await client.exitCode(ofExec: id) ?? 0
      guard code == 0 else { throw ComposeFailure("hook exited with status \(code)") }
    }
  }
}
