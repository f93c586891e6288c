import Glibc
import Linux

/// An open file that tasks read and write by waiting for epoll instead of blocking a thread.
///
/// Several tasks may wait at once, for reading and for writing. The bytes of one `write` stay together.
public final class AsyncDescriptor: Sendable {
  private let registration: Registration
  private let writeTurns = Turns()
  /// Someone else reads and writes the same open file, so `O_NONBLOCK` is not ours to set.
  private let isShared: Bool

  /// Takes the descriptor over and makes its open file non-blocking.
  public init(_ descriptor: consuming FileDescriptor) throws(SyscallError) {
    try descriptor.setNonBlocking(true)
    registration = Registration(descriptor.release())
    isShared = false
  }

  /// For an open file shared with other processes, such as a terminal on standard input: takes the descriptor
  /// over and leaves `O_NONBLOCK` as it is. Only one task may read.
  public init(shared descriptor: consuming FileDescriptor) {
    registration = Registration(descriptor.release())
    isShared = true
  }

  deinit { registration.close() }

  /// At most `count` bytes as soon as there are some; none at the end. Throws `SyscallError`, with EBADF once
  /// closed, and `CancellationError`.
  public func read(upTo count: Int = 65536) async throws -> [UInt8] {
    try Task.checkCancellation()
    if isShared { try await readable() }
    while true {
      if let bytes = try readNow(upTo: count) { return bytes }
      try await readable()
    }
  }

  /// What can be read without waiting: nil when nothing is there yet, no bytes at the end.
  public func readNow(upTo count: Int = 65536) throws(SyscallError) -> [UInt8]? {
    do throws(SyscallError) {
      return try registration.withRaw("read") { raw throws(SyscallError) in try readBytes(raw, count) }
    } catch {
      if error.errno == .wouldBlock { return nil }
      // A pseudo-terminal whose other side was closed says EIO where a pipe says end.
      if error.errno == .inputOutput { return [] }
      throw error
    }
  }

  /// Writes every byte. A write that is cancelled may have written some. Throws `SyscallError`, EPIPE when nobody
  /// reads any more.
  public func write(_ bytes: [UInt8]) async throws {
    if bytes.isEmpty { return }
    try Task.checkCancellation()
    try await writeTurns.take()
    defer { writeTurns.pass() }
    if isShared { return try await writeBlocking(bytes) }
    var done = 0
    while done < bytes.count {
      let count = try writeNow(bytes, from: done)
      if count == 0 { try await writable() }
      done += count
    }
  }

  /// How many bytes could be written without waiting.
  private func writeNow(_ bytes: [UInt8], from start: Int) throws(SyscallError) -> Int {
    do throws(SyscallError) {
      return try registration.withRaw("write") { raw throws(SyscallError) in
        try writeBytes(raw, bytes, from: start)
      }
    } catch {
      if error.errno == .wouldBlock { return 0 }
      throw error
    }
  }

  private func writeBlocking(_ bytes: [UInt8]) async throws {
    let copy = try duplicateRaw()
    try await blocking { () throws(SyscallError) in try writeAll(copy, bytes) }
  }

  /// Waits until a read would not block: bytes, end or error.
  public func readable() async throws { try await registration.wait(for: .readable, call: "read") }

  /// Waits until a write would not block.
  public func writable() async throws { try await registration.wait(for: .writable, call: "write") }

  /// Waits until both directions of a Unix socket or pipe have ended, or a TCP connection was reset, without
  /// reading.
  public func gone() async throws { try await registration.wait(for: .gone, call: "poll") }

  /// Whether the other side of a Unix socket has read everything that was written (SO_MEMINFO, socket(7)); true for
  /// what is no socket.
  public var isReadByPeer: Bool {
    var memory = [UInt32](repeating: 0, count: 9)
    var size = socklen_t(36)
    // What cannot be asked is not waited for.
    try? registration.withRaw("getsockopt") { raw throws(SyscallError) in
      _ = getsockopt(raw, SOL_SOCKET, 55, &memory, &size)
    }
    // SK_MEMINFO_WMEM_ALLOC: memory that holds what is on its way.
    return memory[2] == 0
  }

  /// Tells the other side of a socket that nothing more will come; what is no socket is left as it is.
  public func shutdownWrite() {
    // The other side may be gone already, and then nobody is left to be told.
    _ = try? registration.withRaw("shutdown") { raw throws(SyscallError) in
      _ = Glibc.shutdown(raw, CInt(SHUT_WR))
    }
  }

  /// Closes now and wakes every task that waits here; they throw EBADF. Closing again does nothing.
  public func close() { registration.close() }

  /// Another descriptor of the same open file.
  public func duplicate() throws(SyscallError) -> FileDescriptor {
    FileDescriptor(owning: try duplicateRaw())
  }

  private func duplicateRaw() throws(SyscallError) -> CInt {
    try registration.withRaw("fcntl") { raw throws(SyscallError) in
      try syscall("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 0) }
    }
  }

  /// Runs `body` with the descriptor's number, which stays open meanwhile; for ioctl and getsockopt.
  public func withRaw<Value>(_ body: (CInt) throws(SyscallError) -> Value) throws(SyscallError) -> Value {
    try registration.withRaw("ioctl", body)
  }
}

private func readBytes(_ raw: CInt, _ count: Int) throws(SyscallError) -> [UInt8] {
  var failure: SyscallError?
  let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    do throws(SyscallError) {
      filled = try syscall("read") { Glibc.read(raw, buffer.baseAddress, count) }
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  // Short reads are kept in their own size, so that a queue of them does not hold 64 KB each.
  return bytes.count * 2 < count ? Array(bytes[...]) : bytes
}

private func writeBytes(_ raw: CInt, _ bytes: [UInt8], from start: Int) throws(SyscallError) -> Int {
  try syscall("write") {
    bytes.withUnsafeBytes { Glibc.write(raw, $0.baseAddress?.advanced(by: start), bytes.count - start) }
  }
}

/// Writes everything and closes `raw`.
private func writeAll(_ raw: CInt, _ bytes: [UInt8]) throws(SyscallError) {
  let file = FileDescriptor(owning: raw)
  try file.write(bytes)
}
