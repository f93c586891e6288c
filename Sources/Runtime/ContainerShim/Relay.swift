import Linux

/// A connection that came in over IPv6, passed on to a port of 127.0.0.1, from where the kernel's rules lead it into
/// the container, or to the container itself over IPv6. Each side's end is passed on by itself; a reset ends both.
final class Relay {
  /// Seconds after which a silent peer is asked whether it is still there.
  private static let idle: Int32 = 60
  /// Nanoseconds, without descriptors for a pipe.
  private static let rest: Int64 = 100_000_000

  private final class Side {
    let raw: Int32
    var token: Loop.Token?

    init(_ socket: consuming FileDescriptor) { raw = socket.release() }

    deinit { _ = FileDescriptor(owning: raw) }
  }

  private let loop: Loop
  private let outside: Side
  private let inside: Side
  private var isConnected = false
  private var inward: RelayFlow
  private var outward: RelayFlow
  private var timer: Loop.Token?
  /// Called when the container refuses the connection, and once at the end.
  var onRefusal: () -> Void = {}
  var onEnd: () -> Void = {}

  /// Takes the accepted connection over, which must not block and resets when it is closed.
  init(_ loop: Loop, _ connection: consuming FileDescriptor, to target: InternetEndpoint, _ pipes: RelayPipes)
    throws(SyscallError)
  {
    try connection.setNoDelay(true)
    try connection.keepAlive(idle: Self.idle)
    let onward = try InternetSocket.connect(target, nonBlocking: true)
    try onward.keepAlive(idle: Self.idle)
    self.loop = loop
    outside = Side(connection)
    inside = Side(onward)
    inward = RelayFlow(from: outside.raw, to: inside.raw, pipes)
    outward = RelayFlow(from: inside.raw, to: outside.raw, pipes)
  }

  deinit { close() }

  func begin() {
    do throws(SyscallError) {
      try setReset(false)
      try watch(inside)
      try watch(outside)
    } catch {
      Diagnostics.say("\(error)")
      reset()
    }
  }

  /// Passes on what has come, without waiting for more.
  func flush() { if isConnected { move() } }

  private func watch(_ side: Side) throws(SyscallError) {
    // Told once of every change: what it is ready for is found out by trying.
    let interest: Readiness = [.readable, .writable, .peerClosed, .edgeTriggered]
    side.token = try loop.watch(side.raw, interest) { [unowned self, unowned side] readiness in
      ready(side, readiness)
    }
  }

  private func ready(_ side: Side, _ readiness: Readiness) {
    if readiness.contains(.error), hasFailed(side) {
      if side === inside, !isConnected { onRefusal() }
      return reset()
    }
    if side === inside, !readiness.isDisjoint(with: [.writable, .hangup]) { isConnected = true }
    if isConnected { move() }
  }

  private func hasFailed(_ side: Side) -> Bool {
    do throws(SyscallError) {
      return try borrow(side.raw) { socket throws(SyscallError) in try socket.pendingError() } != nil
    } catch { return true }
  }

  private func move() {
    do throws(SyscallError) {
      let inside = try inward.move()
      let outside = try outward.move()
      if inside == .ended, outside == .ended { return end() }
      if inside == .hasMore || outside == .hasMore { goOn(after: 0) }
    } catch {
      if error.errno.isLackOfResources { goOn(after: Self.rest) } else { reset() }
    }
  }

  private func goOn(after nanoseconds: Int64) {
    guard timer == nil else { return }
    timer = loop.after(nanoseconds) { [unowned self] in
      timer = nil
      move()
    }
  }

  /// Both sides see their connection reset, as they would without anybody between them.
  private func reset() {
    // Where that fails they see it end.
    try? setReset(true)
    end()
  }

  private func setReset(_ on: Bool) throws(SyscallError) {
    for side in [outside, inside] {
      try borrow(side.raw) { socket throws(SyscallError) in try socket.setResetOnClose(on) }
    }
  }

  private func end() {
    close()
    let tell = onEnd
    onEnd = {}
    tell()
  }

  private func close() {
    loop.cancel(timer)
    timer = nil
    inward.drop()
    outward.drop()
    for side in [outside, inside] {
      if let token = side.token { loop.forget(token, side.raw) }
      side.token = nil
    }
  }
}
