@_spi(ExperimentalCustomExecutors) import _Concurrency
import CLinux
import Glibc
import Linux
import Synchronization

/// The one thread on which a program's tasks run: between them it asks epoll who may go on, and sleeps when nobody may.
///
/// A task that waits for the kernel goes on without a second thread being woken for it, which on a small machine costs
/// more than what most tasks do. In return no task may block: what does is handed to `blocking`.
final class EventLoop: MainExecutor, TaskExecutor {
  static let shared = EventLoop()
  /// Whether the shared loop is the program's main thread (`runToEnd`). Otherwise, as in tests, it has a thread of its
  /// own, and tasks run where Swift's own executors put them.
  private static let isMain = Atomic(false)

  let epoll: CInt
  private let bell: CInt
  private let registrations = Mutex(RegistrationTable())
  private let jobs = Mutex<[UnownedJob]>([])
  private let alarms = Mutex(Alarms())
  /// Set while epoll may be waited for: whoever brings work then must ring.
  private let isAsleep = Atomic(false)
  private let isStopped = Atomic(false)

  private init() {
    epoll = clinux_reactor_create()
    precondition(epoll != -1, "epoll_create1: \(Errno.last)")
    bell = clinux_reactor_bell()
    precondition(bell != -1, "eventfd: \(Errno.last)")
    precondition(clinux_reactor_arm(epoll, bell, 0, Readiness.readable.rawValue, 0) == 0, "\(Errno.last)")
    // Pipes have no MSG_NOSIGNAL: a reader that went away must be an error, not the end of this process.
    clinux_reactor_signal_swallow(SIGPIPE)
    if !Self.isMain.load(ordering: .acquiring) {
      startThread(named: "reactor") { [self] in runUntil { false } }
    }
  }

  /// Makes the calling thread, the program's main one, the thread of all tasks from now on. To be called once, before
  /// the first task and the first descriptor.
  static func adoptMainThread() -> EventLoop {
    precondition(!isMain.exchange(true, ordering: .acquiringAndReleasing), "there is one main thread")
    _createExecutors(factory: MainThread.self)
    return shared
  }

  /// The number under which epoll is to report of it.
  func remember(_ registration: Registration) -> UInt64 { registrations.withLock { $0.add(registration) } }

  func forget(_ number: UInt64) { registrations.withLock { $0.remove(number) } }

  /// Finishes the waiter with `.ready` at this time of the monotonic clock, if nobody does before.
  func wake(_ waiter: Waiter, at nanoseconds: Int64) {
    if alarms.withLock({ $0.add(waiter, at: nanoseconds) }) { ring() }
  }

  func forgetAlarm(of waiter: Waiter) {
    alarms.withLock { $0.remove(waiter) }
  }

  // MARK: Executor

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    ring()
  }

  func run() { runUntil { isStopped.load(ordering: .acquiring) } }

  func stop() {
    isStopped.store(true, ordering: .releasing)
    ring()
  }

  func runUntil(_ isOver: () -> Bool) {
    var ready = [clinux_ready](repeating: clinux_ready(), count: 128)
    var rest = Rest()
    while true {
      for job in takeJobs() { job.runSynchronously(on: asUnownedTaskExecutor()) }
      if isOver() { return }
      awaitEvents(&ready, &rest)
    }
  }

  private func takeJobs() -> [UnownedJob] {
    jobs.withLock { jobs in
      defer { jobs.removeAll(keepingCapacity: false) }
      return jobs
    }
  }

  /// Wakes the thread if it may be waiting for epoll.
  private func ring() {
    guard isAsleep.exchange(false, ordering: .sequentiallyConsistent) else { return }
    clinux_reactor_ring(bell)
  }

  /// Waits and wakes who may go on.
  private func awaitEvents(_ ready: inout [clinux_ready], _ rest: inout Rest) {
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    let patience = jobs.withLock(\.isEmpty) ? rest.limit(alarms.withLock(\.patience)) : 0
    let count = clinux_reactor_wait(epoll, &ready, CInt(ready.count), patience)
    isAsleep.store(false, ordering: .sequentiallyConsistent)
    precondition(count >= 0 || Errno.last == .interrupted, "epoll_wait: \(Errno.last)")
    for event in ready.prefix(Int(max(0, count))) {
      if event.id == 0 {
        silence()
        continue
      }
      // One that is not there was closed after the kernel had reported it.
      registrations.withLock { $0[event.id] }?.became(Readiness(rawValue: event.events))
    }
    for waiter in alarms.withLock({ $0.takeDue() }) { waiter.finish(.ready) }
    rest.note(isBusy: count > 0)
  }

  private func silence() {
    clinux_reactor_silence(bell)
    precondition(clinux_reactor_arm(epoll, bell, 1, Readiness.readable.rawValue, 0) == 0, "\(Errno.last)")
  }
}

/// When nothing but the clock has moved anything for a while, memory that was freed goes back to the kernel, once.
private struct Rest {
  private static let milliseconds: CInt = 2000
  private var isTidy = false
  private var lastEvent = Clock.monotonic

  /// How long to wait at most, where others would wait so long (milliseconds, -1 without end).
  func limit(_ patience: CInt) -> CInt {
    isTidy || (0...Self.milliseconds).contains(patience) ? patience : Self.milliseconds
  }

  mutating func note(isBusy: Bool) {
    if isBusy {
      isTidy = false
      lastEvent = Clock.monotonic
    } else if !isTidy, Clock.monotonic - lastEvent >= Int64(Self.milliseconds) * 1_000_000 {
      clinux_reactor_tidy()
      isTidy = true
    }
  }
}

/// All tasks run on the main thread, those of the main actor and all others.
private struct MainThread: ExecutorFactory {
  static var mainExecutor: any MainExecutor { EventLoop.shared }
  static var defaultExecutor: any TaskExecutor { EventLoop.shared }
}

/// What a descriptor is ready for, or is awaited for.
struct Readiness: OptionSet {
  let rawValue: UInt32
  static let readable = Readiness(rawValue: UInt32(CLINUX_IN))
  static let writable = Readiness(rawValue: UInt32(CLINUX_OUT))
  /// Both directions have ended; epoll tells so whether asked or not.
  static let gone = Readiness(rawValue: UInt32(CLINUX_GONE))
}
