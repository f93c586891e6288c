import ComposeModel
import DockerAPI
import DockerClient
import JSON
import Linux
import TerminalUI

/// Commands that a service wants run in its containers after their start or before their stop.
struct Hooks: Sendable {
  /// Who hears what a hook writes.
  enum Audience: Sendable {
    case nobody
    /// Our standard output and error, as it comes.
    case user
    /// The logs: lines behind the container's name and an arrow.
    case logs(LogPrinter)
  }

  let client: DockerClient
  var audience = Audience.nobody

  /// Runs the hooks that a service has under `key` (`post_start`, `pre_stop`) in one of its containers, one after the other;
  /// throws when one fails.
  func run(_ key: String, of service: Service, in container: String) async throws {
    let hooks = service.parts(key)
    if !hooks.isEmpty { try await run(hooks, of: service.name, in: container) }
  }

  /// Runs `hooks` one after the other; throws when one fails.
  func run(_ hooks: [JSONObject], of service: String, in container: String) async throws {
    let name = try await name(of: container)
    for hook in hooks {
      let code = try await client.runExec(in: container, Self.request(hook)) { show($0, name) }
      if case .logs(let printer) = audience { printer.finish(name) }
      guard code == 0 else { throw ComposeFailure("\(service) hook exited with status \(code)") }
    }
  }

  private static func request(_ hook: JSONObject) -> ExecCreateRequest {
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
    return request
  }

  private func name(of container: String) async throws -> String {
    guard case .logs = audience else { return "" }
    return try await client.inspectContainer(container).shortName + " ->"
  }

  private func show(_ piece: ContainerOutput, _ name: String) {
    switch audience {
    case .nobody: break
    case .user: (piece.stream == .stdout ? StandardStream.output : .error).write(piece.bytes)
    case .logs(let printer): printer.take(piece.bytes, of: name, .output)
    }
  }
}
