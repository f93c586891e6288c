import Linux

/// Standard input of a process: takes bytes at once, and writes them when the process reads.
final class ProcessInput {
  /// Called whenever the process has taken bytes.
  var onProgress: () -> Void = {}

  private let loop: Loop
  private let descriptor: Int32
  private var token: Loop.Token?
  private var queue = ByteQueue()
  private var endsWhenEmpty = false
  private(set) var isOpen = true

  init(_ loop: Loop, _ descriptor: consuming FileDescriptor) throws(SyscallError) {
    self.loop = loop
    try descriptor.setNonBlocking(true)
    self.descriptor = descriptor.release()
  }

  deinit { close() }

  var queued: Int { queue.count }

  func write(_ bytes: [UInt8]) {
    guard isOpen, !endsWhenEmpty else { return }
    queue.append(bytes)
    flush()
  }

  /// The process meets the end after what was written.
  func end() {
    endsWhenEmpty = true
    if queue.isEmpty { close() }
  }

  func close() {
    guard isOpen else { return }
    isOpen = false
    rest()
    queue.removeAll()
    _ = FileDescriptor(owning: descriptor)
  }

  private func flush() {
    let descriptor = descriptor
    do throws(SyscallError) {
      let taken = try queue.drain { bytes throws(SyscallError) in
        try borrow(descriptor) { file throws(SyscallError) in try file.writeSome(bytes) }
      }
      if queue.isEmpty {
        rest()
        if endsWhenEmpty { close() }
      } else if token == nil {
        token = try loop.watch(descriptor, .writable) { [unowned self] _ in flush() }
      }
      if taken > 0 { onProgress() }
    } catch {
      // Nobody reads it any more.
      close()
      onProgress()
    }
  }

  private func rest() {
    if let token { loop.forget(token, descriptor) }
    token = nil
  }
}
