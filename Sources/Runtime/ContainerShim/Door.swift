import Linux

/// A listening socket whose connections are taken one by one as they come. Without descriptors it rests a little
/// instead of trying for ever: who waits at the door is still there afterwards.
final class Door {
  /// Nanoseconds.
  private static let rest: Int64 = 100_000_000

  private let loop: Loop
  private let listener: Int32
  private var token: Loop.Token?
  private var timer: Loop.Token?
  private var isOpen = true
  private var isExhausted = false
  private var take: (Int32) -> Void = { _ in }

  /// Takes the socket over, which must not block.
  init(_ loop: Loop, _ listener: consuming FileDescriptor) {
    self.loop = loop
    self.listener = listener.release()
  }

  deinit { close() }

  /// Calls `take` with the descriptor of every new connection, which is the receiver's.
  func open(_ take: @escaping (Int32) -> Void) throws(SyscallError) {
    self.take = take
    try watch()
  }

  /// Takes no more connections; whoever tries is refused.
  func close() {
    guard isOpen else { return }
    isOpen = false
    loop.cancel(timer)
    if let token { loop.forget(token, listener) }
    _ = FileDescriptor(owning: listener)
  }

  private func watch() throws(SyscallError) {
    token = try loop.watch(listener, .readable) { [unowned self] _ in accept() }
  }

  private func accept() {
    do {
      let raw = try borrow(listener) { listener throws(SyscallError) in
        try listener.accept(nonBlocking: true).release()
      }
      isExhausted = false
      take(raw)
    } catch {
      // A client that went away before it was accepted needs nothing.
      if error.errno.isLackOfResources { pause(error) }
    }
  }

  private func pause(_ error: SyscallError) {
    if !isExhausted { Diagnostics.say("\(error)") }
    isExhausted = true
    if let token { loop.forget(token, listener) }
    token = nil
    timer = loop.after(Self.rest) { [unowned self] in
      // Without memory for a watch nobody is heard here any more, as without the memory to answer.
      do { try watch() } catch { Diagnostics.say("\(error)") }
    }
  }
}
