import DockerAPI
import HTTP
import Supervision

/// Carries bytes between a client's connection and a process until one of them ends.
struct SessionBridge: Sendable {
  /// What the end of the client's input means.
  enum InputEnd: Sendable { case closesInput, detaches }

  let connection: any ClientStream
  let kind: StreamKind
  let takesInput: Bool
  let inputEnd: InputEnd
  let detachKeys: DetachKeys?

  /// Returns when the process has closed its output, the client has gone or has detached. True when it detached by
  /// its keys. `beforeClosing` runs before the client can see the end.
  func carry(_ session: Session, beforeClosing: () async -> Void = {}) async -> Bool {
    let hasDetached = await withTaskGroup(of: Bool?.self) { group in
      group.addTask {
        await output(session)
        return false
      }
      group.addTask { await input(session) }
      group.addTask {
        await connection.untilGone()
        return Task.isCancelled ? nil : false
      }
      defer { group.cancelAll() }
      for await result in group { if let result { return result } }
      return false
    }
    await beforeClosing()
    // A client that goes away has no more to say. Where the process has ended nobody takes this any more.
    if takesInput, !hasDetached, inputEnd == .closesInput { try? await session.closeInput() }
    session.detach()
    if takesInput { await connection.leave() } else { connection.close() }
    return hasDetached
  }

  private func output(_ session: Session) async {
    do {
      while let piece = try await session.next() {
        switch piece {
        case .stdout(let bytes): try await connection.write(kind.encode(.stdout, bytes))
        case .stderr(let bytes): try await connection.write(kind.encode(.stderr, bytes))
        }
      }
    } catch {
      // The client has gone, or the shim has: either way there is nobody to be told.
    }
  }

  /// Nil when the session goes on without input; else whether the client has detached by its keys.
  private func input(_ session: Session) async -> Bool? {
    guard takesInput else { return nil }
    var keys = detachKeys
    do {
      while true {
        let bytes = try await connection.read()
        if bytes.isEmpty { break }
        let (passed, isDetached) = keys?.filter(bytes) ?? (bytes, false)
        if !passed.isEmpty { try await session.write(passed) }
        if isDetached { return true }
      }
      if inputEnd == .detaches { return false }
      try await session.closeInput()
    } catch {
      // A process that has closed its input goes on without; its output decides about the end.
    }
    return nil
  }
}
