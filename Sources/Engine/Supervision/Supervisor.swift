import EngineErrors
import JSON
import Linux
import Reactor
import ShimProtocol

/// Starts shims and finds them again after this daemon was away.
public actor Supervisor {
  /// What became of a container's shim.
  public enum Found: Sendable {
    case running(Shim)
    /// It ended; the exit file says how. Of a container whose shim was killed, nothing runs any more.
    case ended(ExitStatus)
    /// There never was a shim.
    case gone
    /// Somebody listens and says nothing: stopped, or a machine that is very busy.
    case silent
  }

  /// How long a shim may take to say that it is there, in milliseconds.
  private static let patience = 5000

  private let shimPath: String
  private let openFiles: UInt64?
  private let execRoot: String

  /// `shimPath`: the program `skiff-shim`. The sockets lie in `shims/` under `execRoot`, the runtime's state in `runtime/`. `openFiles` is the soft limit
  /// that shims and their containers get; nil leaves them this process's.
  public init(shimPath: String, execRoot: String, openFiles: UInt64? = nil) {
    self.shimPath = shimPath
    self.openFiles = openFiles
    self.execRoot = execRoot
  }

  /// Where the shim of this container listens, for `ShimSpec.socket`.
  public nonisolated func socketPath(_ id: String) -> String { "\(execRoot)/shims/\(id).sock" }

  private func leftovers(_ id: String, _ exitFile: String) -> Leftovers {
    Leftovers(
      shimPath: shimPath, exitFile: exitFile, traces: [socketPath(id), "\(execRoot)/runtime/\(id)"])
  }

  /// Starts a shim and waits until the container is created, not yet started. `keeping` are descriptors that it holds
  /// open until its container has ended for good; ours of them are closed in any case.
  public func launch(_ spec: ShimSpec, keeping: [Int32] = []) async throws(EngineError) -> Shim {
    let (path, openFiles) = (shimPath, openFiles)
    let birth = try await blocking { () throws(EngineError) in
      try failing(.internal, "starting the shim of container \(spec.id)") {
        try Birth(spec, shimPath: path, keeping: keeping, openFiles: openFiles)
      }
    }
    let end = reapLater(birth.pid)
    do {
      let connection = ShimConnection(try AsyncDescriptor(FileDescriptor(owning: birth.connection)))
      // In a task that nobody cancels: a shim whose birth is not heard to the end would wait for its start for ever.
      let reply = try await Task { try await connection.reply() }.value
      if case .failed(let failure) = reply { throw failure.asEngineError }
      return listen(on: connection, spec.id, pid: birth.pid, socket: spec.socket, exitFile: spec.exitFile)
    } catch let error as EngineError where error.kind != .unavailable {
      throw error
    } catch {
      // Also where nobody waits for the start any more: only behind a shim that has ended may be cleared up.
      await end.value
      // It could clear up behind itself no more.
      _ = await leftovers(spec.id, spec.exitFile).exitStatus()
      throw EngineError(
        .internal, "container \(spec.id): its shim ended at once; see \(Birth.logPath(spec))", cause: error)
    }
  }

  /// The shim of a container that was launched before, perhaps by a daemon that is no more.
  public func find(_ id: String, exitFile: String) async -> Found {
    let socket = socketPath(id)
    do {
      let (connection, pid) = try await withDeadline(milliseconds: Self.patience) {
        try await Self.subscribe(socket)
      }
      return .running(listen(on: connection, id, pid: pid, socket: socket, exitFile: exitFile))
    } catch is DeadlineExceeded {
      return .silent
    } catch {
      // Where nobody answers, the exit file has the last word.
      return await leftovers(id, exitFile).exitStatus().map(Found.ended) ?? .gone
    }
  }

  /// As `find`, for a container that is said not to run: a daemon that died while it started it may not have taken
  /// note. Without a trace of a shim this costs three looks at files.
  public func findUnrecorded(_ id: String, exitFile: String) async -> Found {
    if leftovers(id, exitFile).hasTraces { return await find(id, exitFile: exitFile) }
    return Leftovers.read(exitFile).map(Found.ended) ?? .gone
  }

  private static func subscribe(_ socket: String) async throws -> (ShimConnection, Int32) {
    let connection = try await ShimConnection.open(socket)
    guard case .subscribed(let pid) = try await connection.ask(.subscribe) else {
      throw EngineError(.internal, "a shim's answer makes no sense")
    }
    return (connection, pid)
  }

  private func listen(
    on connection: ShimConnection, _ id: String, pid: Int32, socket: String, exitFile: String
  ) -> Shim {
    let leftovers = leftovers(id, exitFile)
    let hearing = Hearing { await leftovers.exitStatus() ?? .lost }
    Task { await hearing.listen(on: connection) }
    return Shim(id: id, pid: pid, socket: socket, hearing: hearing)
  }

  /// Takes note of the shim's end, so that no zombie stays; the task is over then.
  private func reapLater(_ pid: Int32) -> Task<Void, Never> {
    Task {
      // Without a pidfd it has ended, and was reaped.
      if let end = try? AsyncDescriptor(ProcessHandle(pid: pid).intoDescriptor()) {
        try? await end.readable()
      }
      // Nothing is lost with a child that somebody else has reaped.
      _ = try? Wait.reap(pid)
    }
  }
}
