import Assembly
import Containers
import DockerAPI
import EngineErrors
import HTTP
import ShimProtocol
import Supervision

func execRoutes(_ engine: Engine) -> [Route] {
  let containers = engine.containers
  return [
    Route("POST", "/containers/{id}/exec") { call in
      var request = try await call.body(ExecCreateRequest.self)
      if call.version < APIVersion(1, 42) { request.consoleSize = nil }
      guard request.cmd?.words.isEmpty == false else {
        throw EngineError(.invalidArgument, "No exec command specified")
      }
      _ = try DetachKeys(request.detachKeys)
      var response = IDResponse()
      response.id = try await containers.createExec(call.hole("id"), request)
      try await call.answer(response, status: 201)
    },
    Route("POST", "/exec/{id}/start") { call in try await startExec(call, containers) },
    Route("POST", "/exec/{id}/resize") { call in
      let size = try call.terminalSize()
      try await containers.resizeExec(call.hole("id"), columns: size.columns, rows: size.rows)
      try await call.answer(status: 200)
    },
    Route("GET", "/exec/{id}/json") { call in
      try await call.answer(try await containers.inspectExec(call.hole("id")))
    },
  ]
}

private func startExec(_ call: Call, _ containers: Containers) async throws {
  let request = try await call.optionalBody(ExecStartRequest.self) ?? ExecStartRequest()
  let exec = try await containers.inspectExec(call.hole("id"))
  guard !exec.running, exec.exitCode == nil else {
    throw EngineError.startedBefore(exec: exec.id, isOver: !exec.running)
  }
  let size = ConsoleSize(heightAndWidth: request.consoleSize)
  if request.detach {
    let session = try await containers.startExec(exec.id, consoleSize: size)
    session.detach()
    return try await call.answer(status: 200)
  }
  let isTerminal = exec.processConfig.tty
  // What the start says decides about frames, what the creation said about the terminal.
  let kind = StreamKind(terminal: request.tty)
  let keys = try DetachKeys(exec.detachKeys)
  let connection = try await call.hijack(kind)
  defer { connection.close() }
  do {
    let session = try await containers.startExec(exec.id, consoleSize: size)
    let bridge = SessionBridge(
      connection: connection, kind: kind, takesInput: exec.openStdin, inputEnd: .closesInput,
      detachKeys: isTerminal ? keys : nil)
    _ = await bridge.carry(session) {
      if let code = session.exitCode { await containers.finishExec(exec.id, code: code) }
    }
  } catch {
    // The answer has begun: what went wrong is told where the output would be, and by the exit code.
    let text = Array("\(statusAndMessage(error).message)\r\n".utf8)
    try await connection.write(kind.encode(.stdout, text))
  }
}

extension ConsoleSize {
  /// Docker's order; nil where it is not given or nothing.
  fileprivate init?(heightAndWidth: [UInt]?) {
    guard let pair = heightAndWidth, pair.count == 2, let rows = UInt16(exactly: pair[0]),
      let columns = UInt16(exactly: pair[1]), rows > 0, columns > 0
    else { return nil }
    self.init(columns: columns, rows: rows)
  }
}
