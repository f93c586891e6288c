import CLinux
import Glibc

/// An open file, closed exactly once: when it goes out of scope.
public struct FileDescriptor: ~Copyable, Sendable {
  public let rawValue: CInt

  /// Takes ownership of `rawValue`, which nobody else may close.
  public init(owning rawValue: CInt) { self.rawValue = rawValue }

  deinit { _ = Glibc.close(rawValue) }

  /// Gives ownership up, to hand the number to C or across `execve`.
  public consuming func release() -> CInt {
    let raw = rawValue
    discard self
    return raw
  }

  /// `open(2)`, always with `O_CLOEXEC`.
  public static func open(_ path: String, _ flags: CInt, mode: UInt32 = 0) throws(SyscallError)
    -> FileDescriptor
  {
    FileDescriptor(owning: try syscall("open", on: path) { Glibc.open(path, flags | O_CLOEXEC, mode) })
  }

  /// `openat(2)`, always with `O_CLOEXEC`.
  public borrowing func open(at path: String, _ flags: CInt, mode: UInt32 = 0) throws(SyscallError)
    -> FileDescriptor
  {
    let raw = rawValue
    return FileDescriptor(
      owning: try syscall("openat", on: path) { Glibc.openat(raw, path, flags | O_CLOEXEC, mode) })
  }

  /// A second descriptor of the same open file (`F_DUPFD_CLOEXEC`).
  public borrowing func duplicate() throws(SyscallError) -> FileDescriptor {
    let raw = rawValue
    return FileDescriptor(owning: try syscall("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 0) })
  }

  /// `read(2)`: at most `count` bytes, none at end of file.
  public borrowing func read(upTo count: Int = 65536) throws(SyscallError) -> [UInt8] {
    let raw = rawValue
    var failure: SyscallError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SyscallError) {
        filled = try syscall("read") { Glibc.read(raw, buffer.baseAddress, count) }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Everything up to the end of the file.
  public borrowing func readToEnd() throws(SyscallError) -> [UInt8] {
    // Most are small: those of /proc and a container's documents.
    var all = try read(upTo: 8192)
    while !all.isEmpty {
      let some = try read(upTo: all.count < 65536 ? 8192 : 65536)
      if some.isEmpty { break }
      all += some
    }
    return all
  }

  /// `write(2)` until every byte is written.
  public borrowing func write(_ bytes: some Sequence<UInt8>) throws(SyscallError) {
    let all = Array(bytes)
    var done = 0
    let raw = rawValue
    while done < all.count {
      done += try syscall("write") {
        all.withUnsafeBytes { Glibc.write(raw, $0.baseAddress?.advanced(by: done), all.count - done) }
      }
    }
  }

  /// Sets or clears `O_NONBLOCK`.
  public borrowing func setNonBlocking(_ on: Bool) throws(SyscallError) {
    let raw = rawValue
    let flags = try syscall("fcntl") { fcntl(raw, F_GETFL) }
    try syscall("fcntl") { fcntl(raw, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) }
  }

  /// `fsync(2)`.
  public borrowing func synchronize() throws(SyscallError) {
    let raw = rawValue
    try syscall("fsync") { fsync(raw) }
  }
}

/// `pipe2(2)` with `O_CLOEXEC`.
public struct Pipe: ~Copyable {
  public let readEnd: FileDescriptor
  public let writeEnd: FileDescriptor
  public init() throws(SyscallError) {
    var ends: [CInt] = [0, 0]
    try syscall("pipe2") { clinux_pipe2(&ends, O_CLOEXEC) }
    readEnd = FileDescriptor(owning: ends[0])
    writeEnd = FileDescriptor(owning: ends[1])
  }
  /// Keeps the end that is read, closes the other.
  public consuming func intoReadEnd() -> FileDescriptor { readEnd }
  /// Keeps the end that is written, closes the other.
  public consuming func intoWriteEnd() -> FileDescriptor { writeEnd }
  /// Gives both up.
  public consuming func release() -> (readEnd: CInt, writeEnd: CInt) {
    (readEnd: readEnd.release(), writeEnd: writeEnd.release())
  }
}
