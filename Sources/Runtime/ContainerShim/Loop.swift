import Linux

/// The shim's one thread: waits for descriptors and deadlines, and calls whoever waits for them.
final class Loop {
  typealias Token = UInt64

  private let epoll: Epoll
  private var handlers: [Token: (Readiness) -> Void] = [:]
  private var timers: [(deadline: Int64, token: Token, action: () -> Void)] = []
  private var lastToken: Token = 0
  private var isStopped = false

  init() throws(SyscallError) { epoll = try Epoll() }

  /// Calls `handler` whenever the descriptor is ready, until `forget`. The descriptor stays its owner's.
  func watch(
    _ descriptor: Int32, _ interest: Readiness, _ handler: @escaping (Readiness) -> Void
  ) throws(SyscallError) -> Token {
    let token = newToken()
    try epoll.add(descriptor, interest, token: token)
    handlers[token] = handler
    return token
  }

  /// Waits for something else on the same descriptor; nothing (`[]`) still reports errors and hang-ups.
  func change(_ token: Token, _ descriptor: Int32, _ interest: Readiness) {
    guard handlers[token] != nil else { return }
    // It is in the set as long as its handler is there.
    do { try epoll.change(descriptor, interest, token: token) } catch { preconditionFailure("\(error)") }
  }

  /// Before the descriptor is closed.
  func forget(_ token: Token, _ descriptor: Int32) {
    guard handlers.removeValue(forKey: token) != nil else { return }
    do { try epoll.remove(descriptor) } catch { preconditionFailure("\(error)") }
  }

  /// Calls `action` once, after so many nanoseconds.
  func after(_ nanoseconds: Int64, _ action: @escaping () -> Void) -> Token {
    let token = newToken()
    timers.append((Clock.monotonic + max(0, nanoseconds), token, action))
    return token
  }

  func cancel(_ token: Token?) {
    if let token { timers.removeAll { $0.token == token } }
  }

  /// `run` returns after what is being called now.
  func stop() { isStopped = true }

  func run() throws(SyscallError) {
    while !isStopped {
      for event in try epoll.wait(milliseconds: pause) {
        // One called earlier in this round may have taken away its neighbour.
        handlers[event.token]?(event.readiness)
      }
      callExpired()
    }
  }

  private var pause: Int32? {
    guard let next = timers.map(\.deadline).min() else { return nil }
    return Int32(clamping: max(0, (next - Clock.monotonic + 999_999) / 1_000_000))
  }

  private func callExpired() {
    let now = Clock.monotonic
    let expired = timers.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
    for timer in expired where timers.contains(where: { $0.token == timer.token }) {
      cancel(timer.token)
      timer.action()
    }
  }

  private func newToken() -> Token {
    lastToken += 1
    return lastToken
  }
}
