import CLinux
import Glibc

/// What a descriptor is ready for, or what to wait for (epoll_ctl(2)).
public struct Readiness: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let readable = Readiness(rawValue: 0x001)
  public static let priority = Readiness(rawValue: 0x002)
  public static let writable = Readiness(rawValue: 0x004)
  public static let error = Readiness(rawValue: 0x008)
  public static let hangup = Readiness(rawValue: 0x010)
  public static let peerClosed = Readiness(rawValue: 0x2000)
  public static let exclusive = Readiness(rawValue: 1 << 28)
  public static let oneShot = Readiness(rawValue: 1 << 30)
  public static let edgeTriggered = Readiness(rawValue: 1 << 31)
}

/// A set of descriptors to wait on (epoll(7)); each carries a word of the caller's choice.
public struct Epoll: ~Copyable, Sendable {
  public let descriptor: FileDescriptor
  public struct Event: Sendable {
    public let readiness: Readiness
    public let token: UInt64
  }

  public init() throws(SyscallError) {
    descriptor = FileDescriptor(owning: try syscall("epoll_create1") { clinux_epoll_create() })
  }

  /// Regular files throw `EPERM`: they are always ready.
  public borrowing func add(_ number: Int32, _ interest: Readiness, token: UInt64) throws(SyscallError) {
    try control(1, number, interest, token)
  }
  public borrowing func change(_ number: Int32, _ interest: Readiness, token: UInt64) throws(SyscallError) {
    try control(3, number, interest, token)
  }
  public borrowing func remove(_ number: Int32) throws(SyscallError) { try control(2, number, [], 0) }

  private borrowing func control(
    _ operation: CInt, _ number: Int32, _ interest: Readiness, _ token: UInt64
  ) throws(SyscallError) {
    let raw = descriptor.rawValue
    try syscall("epoll_ctl", on: "descriptor \(number)") {
      clinux_epoll_ctl(raw, operation, number, interest.rawValue, token)
    }
  }

  /// Blocks until something is ready or the time is over (nil: never): at most 64 events.
  public borrowing func wait(milliseconds: Int32? = nil) throws(SyscallError) -> [Event] {
    let raw = descriptor.rawValue
    var events = [clinux_event](repeating: clinux_event(), count: 64)
    let count = try syscall("epoll_wait") { clinux_epoll_wait(raw, &events, 64, milliseconds ?? -1) }
    return events[..<Int(count)].map { Event(readiness: Readiness(rawValue: $0.events), token: $0.data) }
  }
}

/// A counter to wake a waiter with (eventfd(2)); non-blocking.
public struct EventCounter: ~Copyable, Sendable {
  public let descriptor: FileDescriptor
  public init() throws(SyscallError) {
    descriptor = FileDescriptor(owning: try syscall("eventfd") { clinux_eventfd(0, O_NONBLOCK) })
  }
  /// Makes the descriptor readable.
  public borrowing func signal() throws(SyscallError) {
    do { try descriptor.write([1, 0, 0, 0, 0, 0, 0, 0]) } catch  where error.errno == .wouldBlock {}
  }
  /// Keeps the descriptor alone.
  public consuming func intoDescriptor() -> FileDescriptor { descriptor }
  /// Makes it unreadable again.
  public borrowing func drain() throws(SyscallError) {
    do { _ = try descriptor.read(upTo: 8) } catch  where error.errno == .wouldBlock {}
  }
}

/// A timer that becomes readable (timerfd_create(2)); monotonic, non-blocking.
public struct TimerDescriptor: ~Copyable, Sendable {
  public let descriptor: FileDescriptor
  public init() throws(SyscallError) {
    descriptor = FileDescriptor(
      owning: try syscall("timerfd_create") { clinux_timerfd_create(CLOCK_MONOTONIC, O_NONBLOCK) })
  }
  /// Fires after `nanoseconds` (0 disarms it), then every `every` nanoseconds (0: once).
  public borrowing func set(nanoseconds: Int64, every: Int64 = 0) throws(SyscallError) {
    let raw = descriptor.rawValue
    try syscall("timerfd_settime") { clinux_timerfd_settime(raw, 0, nanoseconds, every) }
  }
  /// How often it fired since the last read.
  public borrowing func expirations() throws(SyscallError) -> UInt64 {
    do throws(SyscallError) {
      let bytes = try descriptor.read(upTo: 8)
      return bytes.withUnsafeBytes { $0.count == 8 ? $0.loadUnaligned(as: UInt64.self) : 0 }
    } catch  where error.errno == .wouldBlock {
      return 0
    }
  }
}
