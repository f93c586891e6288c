import CLinux
import Glibc
import Linux
import Synchronization

/// The epoll thread: turns the kernel's readiness into resumed tasks, and runs nothing else.
final class EventLoop: Sendable {
  static let shared = EventLoop()

  let epoll: CInt
  private let registrations = Mutex<[UInt64: Registration]>([:])
  private let nextID = Atomic<UInt64>(1)

  private init() {
    epoll = clinux_reactor_create()
    precondition(epoll != -1, "epoll_create1: \(Errno.last)")
    // Pipes have no MSG_NOSIGNAL: a reader that went away must be an error, not the end of this process.
    clinux_reactor_signal_swallow(SIGPIPE)
    startThread(named: "reactor") { [self] in run() }
  }

  func newID() -> UInt64 { nextID.wrappingAdd(1, ordering: .relaxed).oldValue }

  func remember(_ registration: Registration) {
    registrations.withLock { $0[registration.id] = registration }
  }

  func forget(_ id: UInt64) {
    registrations.withLock { $0[id] = nil }
  }

  private func run() {
    var ready = [clinux_ready](repeating: clinux_ready(), count: 128)
    while true {
      let count = clinux_reactor_wait(epoll, &ready, CInt(ready.count))
      guard count >= 0 else {
        precondition(Errno.last == .interrupted, "epoll_wait: \(Errno.last)")
        continue
      }
      for event in ready.prefix(Int(count)) {
        // An id that is not there was closed after the kernel had reported it.
        registrations.withLock { $0[event.id] }?.became(Readiness(rawValue: event.events))
      }
    }
  }
}

/// What a descriptor is ready for, or is awaited for.
struct Readiness: OptionSet {
  let rawValue: UInt32
  static let readable = Readiness(rawValue: UInt32(CLINUX_IN))
  static let writable = Readiness(rawValue: UInt32(CLINUX_OUT))
  /// Both directions have ended; epoll tells so whether asked or not.
  static let gone = Readiness(rawValue: UInt32(CLINUX_GONE))
}
