import Bundles
import DockerAPI
import EngineErrors
import Linux
import ShimProtocol
import Supervision

/// A process that somebody asked to run beside a container's own.
final class ExecSession {
  enum State { case created, running(pid: Int32), ended(code: Int32) }
  let id: String
  let request: ExecCreateRequest
  var state = State.created {
    didSet { atRestSince = Clock.monotonic }
  }
  /// Since when it has not run, where it does not run (nanoseconds on the monotonic clock).
  private(set) var atRestSince = Clock.monotonic

  init(id: String, request: ExecCreateRequest) {
    self.id = id
    self.request = request
  }

  /// The command in events, as docker has it: the first word, a blank, the others.
  var commandText: String { Self.text(request.cmd?.words ?? []) }

  static func text(_ words: [String]) -> String {
    (words.first ?? "") + " " + words.dropFirst().joined(separator: " ")
  }

  var isOver: Bool { if case .ended = state { true } else { false } }

  var isRunning: Bool { if case .running = state { true } else { false } }
}

extension EngineError {
  /// An exec is started once.
  public static func startedBefore(exec id: String, isOver: Bool) -> EngineError {
    EngineError(.conflict, "Error: Exec command \(id) \(isOver ? "has already run" : "is already running")")
  }
}

extension Containers {
  /// - Returns: the new exec's id.
  public func createExec(_ reference: String, _ request: ExecCreateRequest) async throws(EngineError)
    -> String
  {
    let container = try find(reference)
    let id = ObjectID.random()
    let forgotten = try await container.createExec(id, request, calledAs: reference)
    execOwners[id] = container.id
    disownExecs(forgotten)
    return id
  }

  /// Runs it; its output comes from the session. A failure also leaves an exit code for `inspectExec`.
  public func startExec(_ id: String, consoleSize: ConsoleSize? = nil) async throws(EngineError) -> Session {
    try await owner(of: id).startExec(id, consoleSize: consoleSize)
  }

  public func resizeExec(_ id: String, columns: UInt16, rows: UInt16) async throws(EngineError) {
    try await owner(of: id).requireRunning().resize(ConsoleSize(columns: columns, rows: rows), exec: id)
  }

  /// Takes down what a session has seen of its end. The shim tells so too, but maybe only after a client that has read
  /// the last output asks for the code.
  public func finishExec(_ id: String, code: Int32) async {
    // An exec whose container was removed meanwhile has nobody left who would ask.
    await (try? owner(of: id))?.execEnded(id, code)
  }

  public func inspectExec(_ id: String) async throws(EngineError) -> ExecInspect {
    try await owner(of: id).inspectExec(id)
  }

  private func owner(of exec: String) throws(EngineError) -> Container {
    guard let id = execOwners[exec], let container = containers[id] else {
      throw EngineError(.notFound, "No such exec instance: \(exec)")
    }
    return container
  }
}

extension Containers {
  /// An exec that the last daemon has begun.
  func adoptExec(_ id: String, of container: String) { execOwners[id] = container }

  /// Their container has forgotten them.
  func disownExecs(_ ids: [String]) { for id in ids { execOwners[id] = nil } }
}

extension Container {
  /// Takes over what the shim knows of an exec that the last daemon has begun.
  func rememberExec(_ exec: ExecState) async {
    guard execs[exec.id] == nil else { return }
    var request = ExecCreateRequest()
    request.cmd = StringList(exec.arguments)
    request.tty = exec.terminal
    let session = ExecSession(id: exec.id, request: request)
    session.state = exec.code.map { .ended(code: $0) } ?? .running(pid: exec.pid)
    let forgotten = execs.add(session, now: Clock.monotonic)
    await registry.adoptExec(exec.id, of: id)
    await registry.disownExecs(forgotten)
  }

  /// - Returns: the ids of the execs that it makes forgotten.
  func createExec(
    _ exec: String, _ request: ExecCreateRequest, calledAs name: String
  ) throws(EngineError) -> [String] {
    guard !(request.cmd?.words ?? []).isEmpty else {
      throw EngineError(.invalidArgument, "No exec command specified")
    }
    guard record.life.phase != .paused else {
      throw EngineError(.conflict, "Container \(name) is paused, unpause the container before exec")
    }
    guard record.life.phase != .restarting else {
      throw EngineError(.conflict, "Container \(name) is restarting, wait until the container is running")
    }
    _ = try requireRunning()
    // Looked up again at the start: the container may have changed its files by then.
    if !request.user.isEmpty { _ = try resolveUser(request.user, inProcess: record.life.pid) }
    let session = ExecSession(id: exec, request: request)
    let forgotten = execs.add(session, now: Clock.monotonic)
    publish("exec_create: \(session.commandText)", ["execID": exec])
    return forgotten
  }

  func startExec(_ exec: String, consoleSize: ConsoleSize?) async throws(EngineError) -> Session {
    guard let session = execs[exec] else { throw EngineError(.notFound, "No such exec instance: \(exec)") }
    guard case .created = session.state else { throw .startedBefore(exec: exec, isOver: session.isOver) }
    let shim = try requireRunning()
    let request = session.request
    session.state = .running(pid: 0)
    do throws(EngineError) {
      let spec: ExecSpec
      do throws(EngineError) { spec = try execSpec(exec, request, consoleSize) } catch {
        session.state = .ended(code: StartFailure.notExecutable)
        throw error
      }
      let streams = try await shim.exec(spec)
      if case .running = session.state { session.state = .running(pid: streams.pid) }
      publish("exec_start: \(session.commandText)", ["execID": exec])
      return streams
    } catch {
      if !session.isOver { session.state = .ended(code: StartFailure.exitCode(error.message)) }
      throw StartFailure.dressedForExec(error)
    }
  }

  private func execSpec(
    _ exec: String, _ request: ExecCreateRequest, _ size: ConsoleSize?
  ) throws(EngineError) -> ExecSpec {
    let user = try resolveUser(
      request.user.isEmpty ? record.config.user : request.user, inProcess: record.life.pid)
    let own = record.config.env ?? []
    let defaults = defaultEnvironment(
      terminal: request.tty, hostname: hostname, home: user.home,
      own: mergeEnvironment(own, request.env ?? []))
    return ExecSpec(
      id: exec, arguments: request.cmd?.words ?? [], environment: defaults,
      workingDirectory: request.workingDir.isEmpty ? workingDirectory : request.workingDir, uid: user.uid,
      gid: user.gid, additionalGroups: user.additionalGroups, terminal: request.tty, consoleSize: size,
      stdin: request.attachStdin, privileged: request.privileged)
  }

  var workingDirectory: String { record.config.workingDir.isEmpty ? "/" : record.config.workingDir }

  func execEnded(_ exec: String, _ code: Int32) {
    guard let session = execs[exec], !session.isOver else { return }
    session.state = .ended(code: code)
    publish("exec_die", ["execID": exec, "exitCode": String(code)])
  }

  func inspectExec(_ exec: String) throws(EngineError) -> ExecInspect {
    guard let session = execs[exec] else { throw EngineError(.notFound, "No such exec instance: \(exec)") }
    let request = session.request
    var answer = ExecInspect()
    answer.id = exec
    answer.containerID = id
    answer.openStdin = request.attachStdin
    answer.openStdout = request.attachStdout
    answer.openStderr = request.attachStderr
    answer.detachKeys = request.detachKeys
    answer.processConfig.tty = request.tty
    answer.processConfig.privileged = request.privileged
    answer.processConfig.entrypoint = request.cmd?.words.first ?? ""
    answer.processConfig.arguments = Array((request.cmd?.words ?? []).dropFirst())
    let user = request.user.isEmpty ? record.config.user : request.user
    answer.processConfig.user = user.isEmpty ? nil : user
    switch session.state {
    case .created: break
    case .running(let pid):
      answer.running = true
      answer.pid = Int(pid)
    case .ended(let code): answer.exitCode = Int(code)
    }
    return answer
  }
}
