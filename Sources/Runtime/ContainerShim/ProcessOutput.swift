import ContainerLog
import Linux

/// One output of a process, read as it comes unless it is held back.
final class ProcessOutput {
  let stream: LogStream
  /// Called with every portion.
  var take: (ArraySlice<UInt8>) -> Void = { _ in }

  private let loop: Loop
  private let descriptor: Int32
  private var token: Loop.Token?
  private var isOpen = true

  init(_ loop: Loop, _ descriptor: consuming FileDescriptor, _ stream: LogStream) throws(SyscallError) {
    self.loop = loop
    self.stream = stream
    try descriptor.setNonBlocking(true)
    self.descriptor = descriptor.release()
    try goOn()
  }

  deinit { close() }

  /// Reads no more for now: a full pipe will make the process wait.
  func hold() {
    // Out of the set altogether: a hang-up is reported whatever the interest is.
    if let token { loop.forget(token, descriptor) }
    token = nil
  }

  func goOn() throws(SyscallError) {
    guard isOpen, token == nil else { return }
    token = try loop.watch(descriptor, .readable) { [unowned self] _ in _ = readOnce() }
  }

  /// More portions than any pipe or terminal holds: somebody outside of the container writes without end.
  private static let mostPortions = 1024

  /// Reads everything that is there now, held back or not.
  func drain() {
    for _ in 0..<Self.mostPortions where !readOnce() { return }
  }

  func close() {
    guard isOpen else { return }
    hold()
    isOpen = false
    _ = FileDescriptor(owning: descriptor)
  }

  /// Whether there was something.
  private func readOnce() -> Bool {
    guard isOpen else { return false }
    do {
      let bytes = try borrow(descriptor) { file throws(SyscallError) in try file.read(upTo: 32768) }
      if bytes.isEmpty { close() } else { take(bytes[...]) }
      return !bytes.isEmpty
    } catch {
      // EIO is how a terminal says that nobody holds its other end any more.
      if error.errno != .wouldBlock { close() }
      return false
    }
  }
}
