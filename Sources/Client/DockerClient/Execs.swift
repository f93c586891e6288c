import DockerAPI
import HTTP
import JSON

extension DockerClient {
  /// Prepares a command in a running container; the answer is its id.
  public func createExec(in container: String, _ request: ExecCreateRequest) async throws -> String {
    let answer = try await bytes(
      "POST", "/containers/\(Query.name(container))/exec", headers: [("Content-Type", "application/json")],
      body: .bytes(JSON.encode(request.json)))
    return try JSONReader(answer).member("Id").string()
  }

  /// Starts the command and stays attached to it.
  public func startExec(_ id: String, tty: Bool, consoleSize: [UInt]? = nil) async throws -> AttachedStreams {
    var request = ExecStartRequest()
    request.tty = tty
    request.consoleSize = consoleSize
    return try await attach("/exec/\(id)/start", Query(), body: JSON.encode(request.json), isRaw: tty)
  }

  /// Runs a command in a container to its end, which has no terminal; `onPiece` gets what it writes. Its exit code;
  /// throws `UnfinishedExec` where its output ended first.
  public func runExec(
    in container: String, _ request: ExecCreateRequest, onPiece: (ContainerOutput) -> Void
  ) async throws -> Int {
    let id = try await createExec(in: container, request)
    for try await piece in try await startExec(id, tty: false) { onPiece(piece) }
    return try await finalExitCode(ofExec: id)
  }

  /// Starts the command in the background.
  public func startExecDetached(_ id: String, tty: Bool = false) async throws {
    var request = ExecStartRequest()
    request.detach = true
    request.tty = tty
    try await perform("POST", "/exec/\(id)/start", json: request)
  }

  /// The exit code of the command; nil while it runs.
  public func exitCode(ofExec id: String) async throws -> Int? {
    let answer = try JSONReader(try await bytes("GET", "/exec/\(id)/json"))
    if try answer.present("Running")?.bool() == true { return nil }
    guard let code = try answer.present("ExitCode") else { return nil }
    guard let (isNegative, amount) = code.wholeNumber() else { throw code.mismatch("a whole number") }
    return isNegative ? -Int(clamping: amount) : Int(clamping: amount)
  }

  /// The exit code of a command whose output has ended; throws `UnfinishedExec` while it runs.
  public func finalExitCode(ofExec id: String) async throws -> Int {
    guard let code = try await exitCode(ofExec: id) else { throw UnfinishedExec(id: id) }
    return code
  }

  public func resizeExec(_ id: String, rows: UInt16, columns: UInt16) async throws {
    try await perform("POST", "/exec/\(id)/resize", Self.size(rows, columns))
  }
}
