import Linux

/// Those that wait for a time, the earliest last.
struct Alarms {
  private var pending: [(time: Int64, waiter: Waiter)] = []

  /// Adds one; true when it is the earliest now. `time`: nanoseconds of the monotonic clock.
  mutating func add(_ waiter: Waiter, at time: Int64) -> Bool {
    var low = 0
    var high = pending.count
    while low < high {
      let middle = (low + high) / 2
      if pending[middle].time >= time { low = middle + 1 } else { high = middle }
    }
    pending.insert((time, waiter), at: low)
    return low == pending.count - 1
  }

  mutating func remove(_ waiter: Waiter) {
    pending.removeAll { $0.waiter === waiter }
  }

  /// How long nothing is due, in milliseconds for epoll_wait(2): rounded up, -1 without end.
  var patience: CInt {
    guard let next = pending.last else { return -1 }
    let left = next.time - Clock.monotonic
    return left <= 0 ? 0 : CInt(clamping: (left + 999_999) / 1_000_000)
  }

  /// Those whose time has come, the earliest first.
  mutating func takeDue() -> [Waiter] {
    guard !pending.isEmpty else { return [] }
    let now = Clock.monotonic
    var due: [Waiter] = []
    while let next = pending.last, next.time <= now {
      due.append(next.waiter)
      pending.removeLast()
    }
    return due
  }
}
