import JSON
import Linux
import Reactor
import ShimProtocol
import Synchronization

/// Hears one shim's events and hands them to whoever subscribed.
final class Hearing: Sendable {
  private struct State {
    var next = 0
    var subscribers: [Int: AsyncStream<ShimEvent>.Continuation] = [:]
    var final: ExitStatus?
  }

  private let state = Mutex(State())
  private let exitFile: String

  init(exitFile: String) { self.exitFile = exitFile }

  /// The exit that no restart follows, once it has happened.
  var final: ExitStatus? { state.withLock { $0.final } }

  /// Events from now on. A stream that is opened after the end is at its end.
  func subscribe() -> AsyncStream<ShimEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: ShimEvent.self)
    let number = state.withLock { state -> Int? in
      if state.final != nil { return nil }
      state.next += 1
      state.subscribers[state.next] = continuation
      return state.next
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [self] _ in state.withLock { _ = $0.subscribers.removeValue(forKey: number) } }
    return stream
  }

  /// Listens until the shim is gone; then the exit file has the last word.
  func listen(on connection: ShimConnection) async {
    // A connection that breaks says the same as one that ends: the shim is gone.
    while let frame = try? await connection.next() {
      // A shim of a later version may send what this one does not know.
      guard frame.type == .event, let event = try? JSON.decode(ShimEvent.self, from: frame.payload) else { continue }
      tell(event)
      if final != nil { break }
    }
    connection.close()
    if final == nil { tell(.exited(await lastWord(), willRestart: false)) }
  }

  private func tell(_ event: ShimEvent) {
    let subscribers = state.withLock { state -> [AsyncStream<ShimEvent>.Continuation] in
      if case .exited(let status, willRestart: false) = event { state.final = status }
      return Array(state.subscribers.values)
    }
    for subscriber in subscribers { subscriber.yield(event) }
    if final != nil { for subscriber in subscribers { subscriber.finish() } }
  }

  private func lastWord() async -> ExitStatus {
    let path = exitFile
    return await blocking { ExitFile.read(path) } ?? .lost
  }
}

/// The file in which a shim leaves word of the exit before it tells anyone.
enum ExitFile {
  static func read(_ path: String) -> ExitStatus? {
    // No file, or one that cannot be read, says that the shim did not come to write it.
    guard let bytes = try? Files.read(path) else { return nil }
    return try? JSON.decode(ExitStatus.self, from: bytes)
  }
}

extension ExitStatus {
  /// Nobody was there to see how it ended.
  static let lost = ExitStatus(
    code: 255, outOfMemory: false, startedAt: "", finishedAt: "",
    failure: "the container's shim was killed before it could say how the container ended")
}
