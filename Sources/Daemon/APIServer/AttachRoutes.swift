import Assembly
import ContainerLog
import Containers
import DockerAPI
import EngineErrors
import Events
import HTTP
import Supervision

func attachRoutes(_ engine: Engine) -> [Route] {
  [
    Route("POST", "/containers/{id}/attach") { call in
      let wanted = AttachOptions(
        stdin: call.flag("stdin"), stdout: call.flag("stdout"), stderr: call.flag("stderr"))
      try await attach(call, engine, wanted) { kind in (try await call.hijack(kind), kind) }
    },
    Route("GET", "/containers/{id}/attach/ws") { call in
      // Before API 1.42 every stream came.
      let all = call.version < APIVersion(1, 42)
      let wanted = AttachOptions(
        stdin: all || call.flag("stdin"), stdout: all || call.flag("stdout"),
        stderr: all || call.flag("stderr"))
      try await attach(call, engine, wanted) { _ in (try await call.upgradeToWebSocket(), .raw) }
    },
  ]
}

/// `open` takes the connection over once everything else is known to be right.
private func attach(
  _ call: Call, _ engine: Engine, _ wanted: AttachOptions,
  open: (StreamKind) async throws -> (any ClientStream, StreamKind)
) async throws {
  let containers = engine.containers
  let keys = try DetachKeys(call.text("detachKeys") ?? "")
  let container = try await containers.inspect(call.hole("id"))
  let isTerminal = container.config.tty
  // Who asks for no stream hears the end at once.
  let isStreamed = call.flag("stream") && (wanted.stdin || wanted.stdout || wanted.stderr)
  let takesInput = wanted.stdin && container.config.openStdin
  var options = wanted
  options.stdin = takesInput
  let past =
    call.flag("logs") ? try await containers.logs(container.id, LogQuery(options), follow: false) : nil
  let attachment = isStreamed ? try await containers.attach(call.hole("id"), options) : nil
  let (connection, kind) = try await open(StreamKind(terminal: isTerminal))
  defer { connection.close() }
  while let entries = try await past?.next() {
    try await connection.write(kind.encode(entries, LogDress()))
  }
  guard let attachment, let session = await session(attachment, connection) else { return }
  // A terminal, or an input that outlives its clients, is left when the client's input ends.
  let inputEnd: SessionBridge.InputEnd = container.config.stdinOnce && !isTerminal ? .closesInput : .detaches
  let bridge = SessionBridge(
    connection: connection, kind: kind, takesInput: takesInput, inputEnd: inputEnd,
    detachKeys: isTerminal ? keys : nil)
  let hasDetached = await bridge.carry(session) {
    await (connection as? WebSocketStream)?.finish()
  }
  guard hasDetached else { return }
  engine.events.publish(
    type: "container", action: "detach", id: container.id,
    attributes: (container.config.labels ?? [:]).merging(
      ["name": String(container.name.dropFirst()), "image": container.config.image]) { _, new in new })
}

extension LogQuery {
  fileprivate init(_ options: AttachOptions) { self.init(stdout: options.stdout, stderr: options.stderr) }
}

/// Waits for the container's start; nil when it did not start or the client has gone before.
private func session(_ attachment: Attachment, _ connection: any ClientStream) async -> Session? {
  await withTaskGroup(of: Session?.self) { group in
    group.addTask { await attachment.session() }
    group.addTask {
      await connection.untilGone()
      return nil
    }
    defer { group.cancelAll() }
    return await group.next() ?? nil
  }
}
