import JSON
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
  private let lastWord: @Sendable () async -> ExitStatus

  /// `lastWord` says how it ended where the shim itself could not.
  init(lastWord: @escaping @Sendable () async -> ExitStatus) { self.lastWord = lastWord }

  /// The exit that no restart follows, once it has happened.
  var final: ExitStatus? { state.withLock { $0.final } }

  /// Events from now on. A stream that is opened after the last exit brings just that.
  func subscribe() -> AsyncStream<ShimEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: ShimEvent.self)
    let (number, final) = state.withLock { state -> (Int, ExitStatus?) in
      state.next += 1
      if state.final == nil { state.subscribers[state.next] = continuation }
      return (state.next, state.final)
    }
    if let final {
      continuation.yield(.exited(final, willRestart: false))
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [self] _ in
      state.withLock { _ = $0.subscribers.removeValue(forKey: number) }
    }
    return stream
  }

  /// Listens until the shim is gone.
  func listen(on connection: ShimConnection) async {
    // A connection that breaks says the same as one that ends: the shim is gone.
    while let frame = try? await connection.next() {
      // A shim of a later version may send what this one does not know.
      guard frame.type == .event, let event = try? JSON.decode(ShimEvent.self, from: frame.payload) else {
        continue
      }
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
}
