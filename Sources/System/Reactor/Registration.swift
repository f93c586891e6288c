import CLinux
import Glibc
import Linux
import Synchronization

/// A descriptor known to the epoll thread, and the tasks that wait for it.
///
/// Interest is one-shot and level-triggered: whoever waits again is told again, so nobody can miss an edge.
final class Registration: Sendable {
  private struct State {
    var raw: CInt
    /// Under which epoll reports of it; 0 as long as epoll does not know it.
    var number: UInt64 = 0
    /// Regular files are always ready and epoll refuses them.
    var alwaysReady = false
    var readers: [Waiter] = []
    var writers: [Waiter] = []
    var mourners: [Waiter] = []

    var isAwaited: Bool { !(readers.isEmpty && writers.isEmpty && mourners.isEmpty) }

    var interest: Readiness {
      var interest: Readiness = []
      if !readers.isEmpty { interest.insert(.readable) }
      if !writers.isEmpty { interest.insert(.writable) }
      return interest
    }
  }

  private let loop: EventLoop
  private let state: Mutex<State>

  init(_ raw: CInt, loop: EventLoop = .shared) {
    self.loop = loop
    state = Mutex(State(raw: raw))
  }

  /// Runs `body` with the number, which stays open meanwhile; `body` must not wait.
  func withRaw<Value>(_ call: StaticName, _ body: (CInt) throws(SyscallError) -> Value) throws(SyscallError)
    -> Value
  {
    try state.withLock { state throws(SyscallError) in
      guard state.raw >= 0 else { throw SyscallError(call: call, errno: .badFileDescriptor) }
      return try body(state.raw)
    }
  }

  /// Waits until the descriptor is ready. Throws `SyscallError` (EBADF) when it is closed, `CancellationError`.
  func wait(for readiness: Readiness, call: StaticName) async throws {
    let waiter = Waiter()
    guard try enqueue(waiter, readiness, call) else { return }
    switch await waiter.outcome() {
    case .ready: return
    case .closed: throw SyscallError(call: call, errno: .badFileDescriptor)
    case .cancelled:
      state.withLock { state in
        state.readers.removeAll { $0 === waiter }
        state.writers.removeAll { $0 === waiter }
        state.mourners.removeAll { $0 === waiter }
      }
      throw CancellationError()
    }
  }

  /// Puts the waiter in line; false when there is nothing to wait for.
  private func enqueue(_ waiter: Waiter, _ readiness: Readiness, _ call: StaticName) throws(SyscallError)
    -> Bool
  {
    try state.withLock { state throws(SyscallError) in
      guard state.raw >= 0 else { throw SyscallError(call: call, errno: .badFileDescriptor) }
      if state.alwaysReady { return false }
      if readiness.contains(.readable) { state.readers.append(waiter) }
      if readiness.contains(.writable) { state.writers.append(waiter) }
      if readiness.contains(.gone) { state.mourners.append(waiter) }
      do throws(SyscallError) {
        try arm(&state)
        return true
      } catch  where error.errno == .notPermitted {
        state.alwaysReady = true
        state.readers = []
        state.writers = []
        state.mourners = []
        return false
      }
    }
  }

  private func arm(_ state: inout State) throws(SyscallError) {
    let isKnown = state.number != 0
    if !isKnown { state.number = loop.remember(self) }
    let interest = state.interest.rawValue
    do throws(SyscallError) {
      try syscall("epoll_ctl") {
        clinux_reactor_arm(loop.epoll, state.raw, isKnown ? 1 : 0, interest, state.number)
      }
    } catch {
      if !isKnown {
        loop.forget(state.number)
        state.number = 0
      }
      throw error
    }
  }

  /// The epoll thread's call.
  func became(_ readiness: Readiness) {
    let woken = state.withLock { state -> [Waiter] in
      var woken: [Waiter] = []
      if readiness.contains(.readable) { swap(&woken, &state.readers) }
      if readiness.contains(.writable) {
        woken += state.writers
        state.writers = []
      }
      if readiness.contains(.gone) {
        woken += state.mourners
        state.mourners = []
      }
      if state.raw >= 0, state.isAwaited {
        do throws(SyscallError) { try arm(&state) } catch {
          // The kernel refuses to watch on: those who wait try their call and see why.
          woken += state.readers + state.writers + state.mourners
          state.readers = []
          state.writers = []
          state.mourners = []
        }
      }
      return woken
    }
    for waiter in woken { waiter.finish(.ready) }
  }

  /// Closes the descriptor and wakes everybody who waits for it. Closing again does nothing.
  func close() {
    let waiters = state.withLock { state -> [Waiter] in
      guard state.raw >= 0 else { return [] }
      let waiters = state.readers + state.writers + state.mourners
      if state.number != 0 {
        _ = clinux_reactor_forget(loop.epoll, state.raw)
        loop.forget(state.number)
      }
      _ = Glibc.close(state.raw)
      state = State(raw: -1)
      return waiters
    }
    for waiter in waiters { waiter.finish(.closed) }
  }
}
