import Supervision
import Synchronization

/// A client that attached before the start.
struct EarlyAttachment: Sendable {
  let options: AttachOptions
  let continuation: AsyncStream<Session>.Continuation
}

/// Clients that attached before the start, in their order; one that goes away is forgotten.
final class EarlyAttachments: Sendable {
  private struct State {
    var next = 0
    var waiting: [Int: EarlyAttachment] = [:]
  }

  private let state = Mutex(State())

  /// How many wait for the start.
  var count: Int { state.withLock { $0.waiting.count } }

  /// - Returns: the stream that gets the session.
  func add(_ options: AttachOptions) -> AsyncStream<Session> {
    let (stream, continuation) = AsyncStream.makeStream(of: Session.self)
    let number = state.withLock { state in
      defer { state.next += 1 }
      state.waiting[state.next] = EarlyAttachment(options: options, continuation: continuation)
      return state.next
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.waiting.removeValue(forKey: number) }
    }
    return stream
  }

  /// All of them, who now are the caller's.
  func takeAll() -> [EarlyAttachment] {
    state.withLock { state in
      defer { state.waiting = [:] }
      return state.waiting.sorted { $0.key < $1.key }.map(\.value)
    }
  }
}
