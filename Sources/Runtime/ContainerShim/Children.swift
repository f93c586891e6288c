import Linux

/// Takes note of every child that ends, orphans of the container included, and tells whoever waits for one.
final class Children {
  private let loop: Loop
  private let signals: SignalDescriptor
  private var waiting: [Int32: (WaitStatus) -> Void] = [:]
  /// Called for the other signals that are taken.
  var onSignal: (Signal) -> Void = { _ in }

  /// Blocks SIGCHLD and `others`, and SIGPIPE: writing to what nobody reads is an error, not the end.
  init(_ loop: Loop, others: [Signal]) throws(SyscallError) {
    self.loop = loop
    try SignalSet([.brokenPipe]).block()
    signals = try SignalDescriptor(SignalSet([.child] + others))
    _ = try loop.watch(signals.descriptor.rawValue, .readable) { [unowned self] _ in takeSignals() }
  }

  func wait(for pid: Int32, _ handler: @escaping (WaitStatus) -> Void) { waiting[pid] = handler }

  func forget(_ pid: Int32) { waiting[pid] = nil }

  private func takeSignals() {
    var reaps = false
    // Reading a signalfd that is ready does not fail; and without a signal nothing is to be done.
    while let (signal, _) = try? signals.next() {
      if signal == .child { reaps = true } else { onSignal(signal) }
    }
    if reaps { reap() }
  }

  private func reap() {
    // waitpid fails only when there is no child left, which ends the loop as well.
    while let (pid, status) = try? Wait.reap() { waiting.removeValue(forKey: pid)?(status) }
  }
}
