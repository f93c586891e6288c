import EngineErrors
import Linux
import Reactor
import ShimProtocol

/// One container's shim, alive or until lately so. Every call is a connection of its own, so that no slow one holds up
/// another, and a daemon started anew has nothing to restore. Where it has ended meanwhile the answer is a conflict
/// whose cause is ShimGone.
public final class Shim: Sendable {
  public let id: String
  /// The shim's own process, in whose mount namespace (`/proc/<pid>/root`) the container's root is mounted.
  public let pid: Int32
  private let socket: String
  private let hearing: Hearing

  init(id: String, pid: Int32, socket: String, hearing: Hearing) {
    self.id = id
    self.pid = pid
    self.socket = socket
    self.hearing = hearing
  }

  /// Starts the created container; the answer is its first process as the host sees it.
  public func start() async throws(EngineError) -> Int32 {
    guard case .pid(let pid) = try await ask(.start) else { throw unexpected("start") }
    return pid
  }

  public func state() async throws(EngineError) -> ShimState {
    guard case .state(let state) = try await ask(.state) else { throw unexpected("state") }
    return state
  }

  /// Sends a signal to the first process, or to every one. With `final` no restart follows the exit.
  public func kill(signal: Int32, all: Bool = false, final: Bool = false) async throws(EngineError) {
    _ = try await ask(.kill(signal: signal, all: all, final: final))
  }

  /// Begins to stop: the signal, then SIGKILL after `timeout` seconds (negative: never). Does not wait: see `exit`.
  /// With `mayHurry` SIGKILL follows at once where the container's first process cannot hear the signal.
  public func stop(signal: Int32, timeout: Int, mayHurry: Bool = false) async throws(EngineError) {
    _ = try await ask(.stop(signal: signal, timeout: timeout, mayHurry: mayHurry))
  }

  /// Sets the size of the terminal of the container or of one executed process.
  public func resize(_ size: ConsoleSize, exec: String? = nil) async throws(EngineError) {
    _ = try await ask(.resize(exec: exec, size: size))
  }

  public func pause() async throws(EngineError) { _ = try await ask(.pause) }

  public func resume() async throws(EngineError) { _ = try await ask(.resume) }

  public func update(restart: RestartPolicy) async throws(EngineError) {
    _ = try await ask(.updateRestart(restart))
  }

  /// Has it answer at 127.0.0.11 in the container's network; again changes nothing.
  public func serveNames(file: String) async throws(EngineError) {
    _ = try await ask(.serveNames(file: file))
  }

  /// Ends a shim whose container was never started.
  public func discard() async throws(EngineError) { _ = try await ask(.discard) }

  /// The container's streams from now on. Attach before `start` to miss nothing.
  public func attach(stdin: Bool, stdout: Bool, stderr: Bool) async throws(EngineError) -> Session {
    let (connection, _) = try await converse(.attach(stdin: stdin, stdout: stdout, stderr: stderr))
    return Session(connection, pid: 0)
  }

  /// Runs a process beside the container's own.
  public func exec(_ spec: ExecSpec) async throws(EngineError) -> Session {
    let (connection, reply) = try await converse(.exec(spec))
    guard case .pid(let pid) = reply else { throw unexpected("exec") }
    return Session(connection, pid: pid)
  }

  /// What happens from now on; ends after the exit that no restart follows. Events of a shim found again begin there.
  public func events() -> AsyncStream<ShimEvent> { hearing.subscribe() }

  /// Waits for the exit that no restart follows; by then it stands in the exit file and the root is unmounted.
  public func exit() async throws(CancellationError) -> ExitStatus {
    for await _ in events() {}
    guard let status = hearing.final else { throw CancellationError() }
    return status
  }

  /// The final exit, once it has happened.
  public var finalExit: ExitStatus? { hearing.final }

  private func ask(_ request: ShimRequest) async throws(EngineError) -> ShimReply {
    let (connection, reply) = try await converse(request)
    connection.close()
    return reply
  }

  private func converse(_ request: ShimRequest) async throws(EngineError) -> (ShimConnection, ShimReply) {
    let connection: ShimConnection
    let reply: ShimReply
    do {
      connection = try await ShimConnection.open(socket)
      reply = try await connection.ask(request)
    } catch let error as EngineError {
      throw error
    } catch {
      if ShimGone.isSaid(by: error) {
        throw EngineError(.conflict, "container \(id) is not running", cause: ShimGone())
      }
      throw EngineError(.unavailable, "container \(id) is not running: its shim: \(error)", cause: error)
    }
    if case .failed(let failure) = reply { throw failure.asEngineError }
    return (connection, reply)
  }

  private func unexpected(_ what: String) -> EngineError {
    EngineError(.internal, "container \(id): the shim's answer to \(what) makes no sense")
  }
}
