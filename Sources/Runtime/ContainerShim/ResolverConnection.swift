import Linux

/// A TCP client of the name server: messages with their length before them (RFC 1035, 4.2.2).
final class ResolverConnection {
  static let idle: Int64 = 10_000_000_000
  /// Answers that wait for a client that does not read.
  static let mostQueued = 256 << 10

  var onQuestion: ([UInt8]) -> Void = { _ in }
  var onClose: () -> Void = {}

  private let loop: Loop
  private let socket: Int32
  private var token: Loop.Token = 0
  private var timer: Loop.Token?
  private var received: [UInt8] = []
  private var queue = ByteQueue()
  private var isOpen = true

  init(_ loop: Loop, _ socket: consuming FileDescriptor) {
    self.loop = loop
    self.socket = socket.release()
  }

  func begin() {
    do { token = try loop.watch(socket, .readable) { [unowned self] readiness in ready(readiness) } } catch {
      return close()
    }
    waitForMore()
  }

  func send(_ message: [UInt8]) {
    guard isOpen else { return }
    queue.append([UInt8(message.count >> 8), UInt8(message.count & 255)] + message)
    if queue.count > Self.mostQueued { close() } else { flush() }
  }

  private func ready(_ readiness: Readiness) {
    if readiness.contains(.writable) { flush() }
    guard isOpen, !readiness.isDisjoint(with: [.readable, .hangup, .error]) else { return }
    // EAGAIN after readiness means that there was nothing after all.
    let bytes: [UInt8]
    do {
      bytes = try borrow(socket) { file throws(SyscallError) in try file.read() }
    } catch {
      if error.errno != .wouldBlock { close() }
      return
    }
    if bytes.isEmpty { return close() }
    received += bytes
    waitForMore()
    takeQuestions()
  }

  private func takeQuestions() {
    while isOpen, received.count >= 2 {
      let length = Int(received[0]) << 8 | Int(received[1])
      guard received.count >= 2 + length else { return }
      let message = Array(received[2..<(2 + length)])
      received.removeSubrange(..<(2 + length))
      onQuestion(message)
    }
  }

  private func flush() {
    let socket = socket
    do {
      _ = try queue.drain { bytes throws(SyscallError) in
        try borrow(socket) { file throws(SyscallError) in try file.sendSome(bytes) }
      }
      loop.change(token, socket, queue.isEmpty ? .readable : [.readable, .writable])
    } catch {
      close()
    }
  }

  private func waitForMore() {
    loop.cancel(timer)
    timer = loop.after(Self.idle) { [unowned self] in close() }
  }

  private func close() {
    guard isOpen else { return }
    isOpen = false
    loop.cancel(timer)
    loop.forget(token, socket)
    _ = FileDescriptor(owning: socket)
    onClose()
  }
}
