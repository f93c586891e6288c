import DockerAPI
import JSON

extension DockerClient {
  /// Prepares a command in a running container; the answer is its id.
  public func createExec(in container: String, _ request: ExecCreateRequest) async throws -> String {
    let answer: IDResponse = try await call(
      "POST", "/containers/\(Query.name(container))/exec", json: request)
    return answer.id
  }

  /// Starts the command and stays attached to it.
  public func startExec(_ id: String, tty: Bool, consoleSize: [UInt]? = nil) async throws -> AttachedStreams {
    var request = ExecStartRequest()
    request.tty = tty
    request.consoleSize = consoleSize
    return try await attach("/exec/\(id)/start", Query(), body: JSON.encode(request, as: .docker), isRaw: tty)
  }

  /// Starts the command in the background.
  public func startExecDetached(_ id: String, tty: Bool = false) async throws {
    var request = ExecStartRequest()
    request.detach = true
    request.tty = tty
    try await perform("POST", "/exec/\(id)/start", json: request)
  }

  public func inspectExec(_ id: String) async throws -> ExecInspect {
    try await call("GET", "/exec/\(id)/json")
  }

  public func resizeExec(_ id: String, rows: UInt16, columns: UInt16) async throws {
    try await perform("POST", "/exec/\(id)/resize", Self.size(rows, columns))
  }
}
