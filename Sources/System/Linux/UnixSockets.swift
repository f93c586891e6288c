import CLinux
import Glibc

/// Unix sockets (unix(7)); paths are at most 107 bytes long.
public enum UnixSocket {
  public enum Kind: Sendable {
    case stream, datagram, packets
    var rawValue: CInt {
      switch self {
      case .stream: 1
      case .datagram: 2
      case .packets: 5
      }
    }
  }

  /// A listening socket at `path`, whose permissions are `mode` before anybody can connect; nothing may be
  /// there.
  public static func listen(
    _ path: String, mode: UInt32 = 0o600, kind: Kind = .stream, backlog: Int32 = 128
  ) throws(SyscallError) -> FileDescriptor {
    let socket = FileDescriptor(owning: try syscall("socket") { clinux_unix_socket(kind.rawValue) })
    let raw = socket.rawValue
    // The mode of the socket's inode decides the name's permissions at bind(2).
    try syscall("fchmod") { fchmod(raw, mode) }
    try syscall("bind", on: path) { clinux_unix_bind(raw, path, path.utf8.count) }
    try Files.changeMode(path, mode)
    try syscall("listen", on: path) { Glibc.listen(raw, backlog) }
    return socket
  }

  /// Connected to the socket at `path`. `nonBlocking` asks for a descriptor that does not block afterwards
  /// either; connecting to a Unix socket itself never waits for long.
  public static func connect(
    _ path: String, kind: Kind = .stream, nonBlocking: Bool = false
  ) throws(SyscallError) -> FileDescriptor {
    let socket = FileDescriptor(owning: try syscall("socket") { clinux_unix_socket(kind.rawValue) })
    let raw = socket.rawValue
    try syscall("connect", on: path) { clinux_unix_connect(raw, path, path.utf8.count) }
    if nonBlocking { try socket.setNonBlocking(true) }
    return socket
  }
}

extension FileDescriptor {
  /// `accept4(2)`.
  public borrowing func accept(nonBlocking: Bool = false) throws(SyscallError) -> FileDescriptor {
    let raw = rawValue
    return FileDescriptor(owning: try syscall("accept") { clinux_accept4(raw, nonBlocking ? O_NONBLOCK : 0) })
  }

  /// Who connected, or listens, at the other end of a Unix socket (`SO_PEERCRED`).
  public borrowing func peer() throws(SyscallError) -> (pid: Int32, uid: UInt32, gid: UInt32) {
    var pid: Int32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    let raw = rawValue
    try syscall("getsockopt", on: "SO_PEERCRED") { clinux_peer_credentials(raw, &pid, &uid, &gid) }
    return (pid, uid, gid)
  }

  /// `shutdown(2)` of one direction or both.
  public borrowing func shutdown(read: Bool = false, write: Bool = false) throws(SyscallError) {
    let raw = rawValue
    let how = read && write ? 2 : read ? 0 : 1
    try syscall("shutdown") { Glibc.shutdown(raw, CInt(how)) }
  }

  /// The error that waits on a socket, such as that of a connection begun without blocking (`SO_ERROR`).
  public borrowing func pendingError() throws(SyscallError) -> Errno? {
    var error: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    let raw = rawValue
    try syscall("getsockopt", on: "SO_ERROR") { getsockopt(raw, SOL_SOCKET, SO_ERROR, &error, &size) }
    return error == 0 ? nil : Errno(rawValue: error)
  }

  /// One `sendmsg(2)` with descriptors beside the bytes (`SCM_RIGHTS`, at most 28, at least one byte): how
  /// many bytes were taken. The descriptors stay the caller's.
  @discardableResult
  public borrowing func send(_ bytes: [UInt8], descriptors: [Int32]) throws(SyscallError) -> Int {
    let raw = rawValue
    return try syscall("sendmsg") {
      bytes.withUnsafeBytes {
        clinux_send_descriptors(raw, $0.baseAddress, $0.count, descriptors, CInt(descriptors.count))
      }
    }
  }

  /// One `recvmsg(2)`: bytes (none at the end) and the descriptors that came with them, which are the
  /// receiver's to own.
  public borrowing func receive(upTo count: Int) throws(SyscallError) -> (
    bytes: [UInt8], descriptors: [Int32]
  ) {
    let raw = rawValue
    var numbers = [CInt](repeating: -1, count: 28)
    var received: CInt = 0
    var failure: SyscallError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SyscallError) {
        filled = try syscall("recvmsg") {
          clinux_receive_descriptors(raw, buffer.baseAddress, count, &numbers, &received)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return (bytes, Array(numbers[..<Int(received)]))
  }

  /// One `send(2)` without `SIGPIPE`: how many bytes were taken.
  public borrowing func sendSome(_ bytes: ArraySlice<UInt8>) throws(SyscallError) -> Int {
    let raw = rawValue
    return try syscall("send") {
      bytes.withUnsafeBytes { Glibc.send(raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }
  }
}
