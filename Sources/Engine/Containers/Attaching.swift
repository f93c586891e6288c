import DockerAPI
import EngineErrors
import ShimProtocol
import Supervision

/// What an attached client wants of a container.
public struct AttachOptions: Sendable {
  public var stdin: Bool
  public var stdout: Bool
  public var stderr: Bool

  public init(stdin: Bool, stdout: Bool, stderr: Bool) {
    self.stdin = stdin
    self.stdout = stdout
    self.stderr = stderr
  }
}

/// A client that is attached, or will be as soon as the container starts.
public final class Attachment: Sendable {
  /// Output comes raw, not in frames.
  public let terminal: Bool
  private let sessions: AsyncStream<Session>

  init(terminal: Bool, _ sessions: AsyncStream<Session>) {
    self.terminal = terminal
    self.sessions = sessions
  }

  /// The streams; waits for the start; nil where the container did not start. To be asked once.
  public func session() async -> Session? {
    for await session in sessions { return session }
    return nil
  }
}

extension Containers {
  /// Attaches to a running container, or in advance to one that is about to be started.
  public func attach(_ reference: String, _ options: AttachOptions) async throws(EngineError) -> Attachment {
    try await find(reference).attach(options, calledAs: reference)
  }
}

extension Container {
  func attach(_ options: AttachOptions, calledAs name: String) async throws(EngineError) -> Attachment {
    guard record.life.phase != .paused else {
      throw EngineError(
        .conflict, "container \(name) is paused, unpause the container before attach")
    }
    guard record.life.phase != .restarting else {
      throw EngineError(
        .conflict, "container \(name) is restarting, wait until the container is running")
    }
    let sessions: AsyncStream<Session>
    if record.life.hasProcess, let shim {
      let (stream, continuation) = AsyncStream.makeStream(of: Session.self)
      sessions = stream
      let session = try await shim.attach(
        stdin: options.stdin, stdout: options.stdout, stderr: options.stderr)
      continuation.yield(session)
      continuation.finish()
    } else {
      sessions = earlyAttachments.add(options)
    }
    publish("attach")
    return Attachment(terminal: record.config.tty, sessions)
  }

  /// Connects those that attached before the start, so that they miss nothing.
  func admitEarlyAttachments(_ shim: Shim) async throws(EngineError) {
    for attachment in earlyAttachments.takeAll() {
      let options = attachment.options
      let session = try await shim.attach(
        stdin: options.stdin, stdout: options.stdout, stderr: options.stderr)
      attachment.continuation.yield(session)
      attachment.continuation.finish()
    }
  }

  func abandonEarlyAttachments() {
    for attachment in earlyAttachments.takeAll() { attachment.continuation.finish() }
  }

  func resize(columns: UInt16, rows: UInt16) async throws(EngineError) {
    try await requireRunning().resize(ConsoleSize(columns: columns, rows: rows))
    publish("resize", ["height": String(rows), "width": String(columns)])
  }
}
