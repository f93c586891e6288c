import Linux
import ShimProtocol

/// One client's connection: frames in and out, never waiting for it.
final class Channel {
  /// What waits for a client beyond this holds back whoever fills it.
  static let highWater = 1 << 20
  static let lowWater = 256 << 10

  /// Called with every frame, and once when the client is gone.
  var onFrame: (ShimFrame, [UInt8]) -> Void = { _, _ in }
  var onClose: () -> Void = {}
  /// Called after that: for whoever let the client in, and for whoever keeps the channel.
  var onDeparture: () -> Void = {}
  var onRelease: () -> Void = {}
  /// Called whenever the client has taken bytes.
  var onProgress: () -> Void = {}

  private let loop: Loop
  private let socket: Int32
  private var token: Loop.Token = 0
  private var decoder = ShimFrameDecoder()
  private var queue = ByteQueue()
  private var isReading = true
  private var closesWhenEmpty = false
  private(set) var isOpen = true

  /// Takes the socket over.
  init(_ loop: Loop, _ socket: consuming FileDescriptor) throws(SyscallError) {
    self.loop = loop
    try socket.setNonBlocking(true)
    self.socket = socket.release()
    token = try loop.watch(self.socket, .readable) { [unowned self] readiness in self.ready(readiness) }
  }

  deinit { close() }

  var queued: Int { queue.count }

  func send(_ type: ShimFrame, _ payload: some Collection<UInt8>) {
    guard isOpen, !closesWhenEmpty else { return }
    let wasEmpty = queue.isEmpty
    queue.append(ShimFrames.encode(type, payload))
    if wasEmpty { flush() }
  }

  /// Stops or goes on taking what the client sends.
  func setReading(_ on: Bool) {
    guard isReading != on else { return }
    isReading = on
    updateInterest()
    if on { takeFrames() }
  }

  /// Closes once everything sent is on its way; nothing more can be sent.
  func finish() {
    closesWhenEmpty = true
    if queue.isEmpty { close() }
  }

  func close() {
    guard isOpen else { return }
    isOpen = false
    loop.forget(token, socket)
    _ = FileDescriptor(owning: socket)
    queue.removeAll()
    onClose()
    onRelease()
  }

  private func ready(_ readiness: Readiness) {
    if readiness.contains(.writable) { flush() }
    guard isOpen, !readiness.isDisjoint(with: [.readable, .hangup, .error]) else { return }
    // One who hung up takes nothing any more, even while we do not read.
    if isReading { receive() } else if !readiness.isDisjoint(with: [.hangup, .error]) { close() }
  }

  private func receive() {
    let bytes: [UInt8]
    do {
      bytes = try borrow(socket) { file throws(SyscallError) in try file.read(upTo: 65536) }
    } catch {
      if error.errno != .wouldBlock { close() }
      return
    }
    if bytes.isEmpty { return close() }
    decoder.append(bytes)
    takeFrames()
  }

  private func takeFrames() {
    while isOpen, isReading {
      do {
        guard let frame = try decoder.next() else { return }
        onFrame(frame.type, frame.payload)
      } catch {
        return close()
      }
    }
  }

  private func flush() {
    let socket = socket
    do {
      let taken = try queue.drain { bytes throws(SyscallError) in
        try borrow(socket) { file throws(SyscallError) in try file.sendSome(bytes) }
      }
      updateInterest()
      if taken > 0 { onProgress() }
      if closesWhenEmpty, queue.isEmpty { close() }
    } catch {
      close()
    }
  }

  private func updateInterest() {
    guard isOpen else { return }
    var interest: Readiness = isReading ? .readable : []
    if !queue.isEmpty { interest.insert(.writable) }
    loop.change(token, socket, interest)
  }
}

/// Uses a descriptor that stays with its owner.
func borrow<Value: ~Copyable>(
  _ raw: Int32, _ body: (borrowing FileDescriptor) throws(SyscallError) -> Value
) throws(SyscallError) -> Value {
  let file = FileDescriptor(owning: raw)
  do throws(SyscallError) {
    let value = try body(file)
    _ = file.release()
    return value
  } catch {
    _ = file.release()
    throw error
  }
}
