import DockerAPI
import Linux
import Reactor
import Synchronization

/// What happened in this engine: publishing never waits, and a listener gets the kept past and then the present.
///
/// The last 1,000 events are kept. A listener that stands still for 10,000 events loses the oldest of them.
public final class Events: Sendable {
  public static let kept = 1000
  static let backlog = 10_000

  private struct State {
    var past: [EventMessage] = []
    var listeners: [UInt64: Listener] = [:]
    var nextListener: UInt64 = 0
    var lastTime: Int64 = 0
    var published: UInt64 = 0
  }

  private struct Listener {
    let selection: EventSelection
    let continuation: AsyncStream<EventMessage>.Continuation
  }

  private let state = Mutex(State())
  private let clock: @Sendable () -> Int64

  /// `clock` answers nanoseconds since 1970.
  public init(clock: @escaping @Sendable () -> Int64 = { Clock.realtime }) { self.clock = clock }

  /// Tells every listener whose filters fit. Types and actions are docker's words: `container`, `start`.
  public func publish(
    type: String, action: String, id: String, attributes: [String: String] = [:], scope: String = "local"
  ) {
    let now = clock()
    state.withLock { state in
      // Strictly rising, so that `since` with the time of the last event seen repeats only that one.
      state.lastTime = max(now, state.lastTime + 1)
      let message = EventMessage(
        type: type, action: action, id: id, attributes: attributes, scope: scope, time: state.lastTime)
      state.published += 1
      state.past.append(message)
      if state.past.count > Self.kept { state.past.removeFirst(state.past.count - Self.kept) }
      for listener in state.listeners.values where listener.selection.includes(message) {
        listener.continuation.yield(message)
      }
    }
  }

  /// Events from `since` on (nanoseconds since 1970; nil: only new ones), until `until` (nil: for ever).
  /// The stream ends at `until`, or when its reader is cancelled.
  public func subscribe(
    since: Int64? = nil, until: Int64? = nil, filters: Filters = Filters()
  ) -> AsyncStream<EventMessage> {
    let selection = EventSelection(filters)
    let now = clock()
    let (stream, continuation) = AsyncStream.makeStream(
      of: EventMessage.self, bufferingPolicy: .bufferingNewest(Self.backlog))
    let number: UInt64? = state.withLock { state in
      if since != nil || until.map({ $0 <= now }) == true {
        for message in state.past
        where message.timeNano >= since ?? 0 && message.timeNano <= until ?? .max
          && selection.includes(message)
        {
          continuation.yield(message)
        }
      }
      if let until, until <= now { return nil }
      state.nextListener += 1
      state.listeners[state.nextListener] = Listener(selection: selection, continuation: continuation)
      return state.nextListener
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    let timer = until.map { until in
      Task {
        // Cancelled sleep: the listener is gone already, and finishing twice is fine.
        try? await sleep(milliseconds: Int((until - now + 999_999) / 1_000_000))
        continuation.finish()
      }
    }
    continuation.onTermination = { [weak self] _ in
      timer?.cancel()
      self?.forget(number)
    }
    return stream
  }

  private func forget(_ number: UInt64) {
    _ = state.withLock { $0.listeners.removeValue(forKey: number) }
  }

  /// How many were published since the start, and how many listen now.
  public var counts: (published: UInt64, listeners: Int) {
    state.withLock { ($0.published, $0.listeners.count) }
  }

  /// How many listen now.
  var listenerCount: Int { state.withLock { $0.listeners.count } }
}

extension EventMessage {
  init(
    type: String, action: String, id: String, attributes: [String: String], scope: String, time: Int64
  ) {
    self.init()
    self.type = type
    self.action = action
    actor.id = id
    actor.attributes = attributes
    self.scope = scope
    self.time = time / 1_000_000_000
    timeNano = time
    // Clients older than API 1.22 know only these, and only for containers and images.
    if type == "container" || type == "image" {
      status = action
      self.id = id
    }
    if type == "container" { from = attributes["image"] }
  }
}
