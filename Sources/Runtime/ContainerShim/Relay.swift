import Linux

/// A connection that came in over IPv6, passed on byte by byte to the same port of 127.0.0.1, from where the kernel's
/// rules lead it into the container. Ends of either side are passed on one by one.
final class Relay {
  private static let highWater = 256 << 10

  /// Where bytes come from and go to.
  private final class Side {
    let raw: Int32
    var token: Loop.Token?
    /// On their way out here.
    var queue = ByteQueue()
    var hasEnded = false
    var isShut = false
    var isConnecting: Bool

    init(_ file: consuming FileDescriptor, isConnecting: Bool) {
      raw = file.release()
      self.isConnecting = isConnecting
    }

    deinit { _ = FileDescriptor(owning: raw) }
  }

  private let loop: Loop
  private let outside: Side
  private let inside: Side
  /// Called once, when both sides are closed.
  var onEnd: () -> Void = {}

  /// Takes the accepted connection over, which must not block.
  init(_ loop: Loop, _ connection: consuming FileDescriptor, port: UInt16) throws(SyscallError) {
    self.loop = loop
    outside = Side(connection, isConnecting: false)
    guard let target = InternetEndpoint(address: [127, 0, 0, 1], port: port) else {
      preconditionFailure("an IPv4 address has four bytes")
    }
    inside = Side(try InternetSocket.connect(target, nonBlocking: true), isConnecting: true)
    for (side, other) in [(outside, inside), (inside, outside)] {
      side.token = try loop.watch(side.raw, interest(of: side, other)) { [unowned self] readiness in
        ready(side, other, readiness)
      }
    }
  }

  deinit { forget() }

  private func ready(_ side: Side, _ other: Side, _ readiness: Readiness) {
    do {
      if side.isConnecting {
        if let errno = try borrow(side.raw, { file throws(SyscallError) in try file.pendingError() }) {
          throw SyscallError(call: "connect", errno: errno)
        }
        side.isConnecting = false
      }
      if !side.hasEnded, !readiness.isDisjoint(with: [.readable, .hangup, .error]) { try read(side, other) }
      try flush(side)
      try flush(other)
    } catch {
      // Whoever is on the other side sees the connection end.
      return end()
    }
    if readiness.contains(.hangup), side.hasEnded, let token = side.token {
      // It takes nothing and sends nothing any more, and would be reported for ever.
      side.queue.removeAll()
      side.isShut = true
      loop.forget(token, side.raw)
      side.token = nil
    }
    if outside.isShut, inside.isShut { return end() }
    update(side, other)
    update(other, side)
  }

  private func read(_ side: Side, _ other: Side) throws(SyscallError) {
    do throws(SyscallError) {
      let bytes = try borrow(side.raw) { file throws(SyscallError) in try file.read(upTo: 65536) }
      side.hasEnded = bytes.isEmpty
      other.queue.append(bytes)
    } catch {
      guard error.errno == .wouldBlock else { throw error }
    }
  }

  /// Hands over what waits, and then the end of the side where it came from.
  private func flush(_ side: Side) throws(SyscallError) {
    guard !side.isConnecting, !side.isShut else { return }
    _ = try side.queue.drain { bytes throws(SyscallError) in
      try borrow(side.raw) { file throws(SyscallError) in try file.sendSome(bytes) }
    }
    let source = side === outside ? inside : outside
    guard source.hasEnded, side.queue.isEmpty else { return }
    side.isShut = true
    try borrow(side.raw) { file throws(SyscallError) in try file.shutdown(write: true) }
  }

  private func interest(of side: Side, _ other: Side) -> Readiness {
    if side.isConnecting { return .writable }
    var interest: Readiness = []
    if !side.hasEnded, other.queue.count < Self.highWater { interest.insert(.readable) }
    if !side.queue.isEmpty { interest.insert(.writable) }
    return interest
  }

  private func update(_ side: Side, _ other: Side) {
    if let token = side.token { loop.change(token, side.raw, interest(of: side, other)) }
  }

  private func forget() {
    for side in [outside, inside] {
      if let token = side.token { loop.forget(token, side.raw) }
      side.token = nil
    }
  }

  private func end() {
    forget()
    let onEnd = onEnd
    self.onEnd = {}
    onEnd()
  }
}
