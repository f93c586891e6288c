import Cgroups
import Linux

/// Hears of it when the kernel kills processes of a running container for want of memory.
final class MemoryWatch {
  /// The kernel tells before it kills: the count is looked at again after so many nanoseconds, so many times.
  private static let pause: Int64 = 20_000_000
  private static let mostLooks = 50

  private let loop: Loop
  private let notice: OutOfMemoryNotice
  private let kills: () -> UInt64
  private let onKill: () -> Void
  private var known: UInt64 = 0
  private var token: Loop.Token?
  private var timer: Loop.Token?

  /// - Parameters:
  ///   - kills: how many processes the kernel has killed in the cgroup up to now.
  ///   - onKill: called when they have become more.
  init(
    _ loop: Loop, _ notice: consuming OutOfMemoryNotice, kills: @escaping () -> UInt64,
    onKill: @escaping () -> Void
  ) throws(SyscallError) {
    self.loop = loop
    self.notice = notice
    self.kills = kills
    self.onKill = onKill
    token = try loop.watch(self.notice.descriptor.rawValue, .readable) { [unowned self] _ in heard() }
  }

  deinit { stop() }

  /// Not without the last look: what was killed together with the first process is told, too.
  func end() {
    look()
    stop()
  }

  private func heard() {
    do throws(SyscallError) {
      // What stands there says less than the count.
      _ = try notice.descriptor.read(upTo: 4096)
      if !look() { lookAgain(Self.mostLooks) }
    } catch {
      if error.errno != .wouldBlock { stop() }
    }
  }

  private func lookAgain(_ rest: Int) {
    loop.cancel(timer)
    guard rest > 0 else { return }
    timer = loop.after(Self.pause) { [unowned self] in
      if !look() { lookAgain(rest - 1) }
    }
  }

  /// Whether there was something to tell.
  @discardableResult private func look() -> Bool {
    let now = kills()
    guard now > known else { return false }
    known = now
    onKill()
    return true
  }

  private func stop() {
    loop.cancel(timer)
    if let token { loop.forget(token, notice.descriptor.rawValue) }
    token = nil
  }
}
