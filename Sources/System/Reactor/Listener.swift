import CLinux
import Glibc
import Linux

/// A listening stream socket.
public final class Listener: Sendable {
  private let descriptor: AsyncDescriptor
  /// The TCP port it listens on; nil for a Unix socket.
  public let port: UInt16?

  private init(_ descriptor: consuming FileDescriptor, port: UInt16?) throws(SyscallError) {
    self.descriptor = try AsyncDescriptor(descriptor)
    self.port = port
  }

  /// A socket that somebody else has bound and set to listen.
  public convenience init(inherited descriptor: consuming FileDescriptor) throws(SyscallError) {
    let port = clinux_reactor_local_port(descriptor.rawValue)
    try self.init(descriptor, port: port == 0 ? nil : UInt16(truncatingIfNeeded: port))
  }

  /// Listens at a path with exactly this mode. A socket whose process died is replaced; one that is answered
  /// throws EADDRINUSE. The caller removes the path when done.
  public static func unix(path: String, mode: UInt32 = 0o660) throws(SyscallError) -> Listener {
    let socket = try streamSocket(AF_UNIX)
    // The mode of an unbound socket becomes that of its path, less the umask: never more than asked, not even briefly.
    try syscall("fchmod", on: path) { fchmod(socket.rawValue, mode) }
    try removeStale(path)
    try bind(socket, path)
    try syscall("chmod", on: path) { chmod(path, mode) }
    try syscall("listen", on: path) { listen(socket.rawValue, 1024) }
    return try Listener(socket, port: nil)
  }

  /// Listens on a TCP address of this machine; port 0 lets the kernel choose.
  public static func tcp(address: String, port: UInt16) throws(SyscallError) -> Listener {
    let name = "\(address):\(port)"
    var failure = SyscallError(call: "getaddrinfo", subject: name, errno: Errno(rawValue: ENXIO))
    for candidate in try SocketAddress.lookUp(host: address, port: port, passive: true) {
      do throws(SyscallError) { return try bindTCP(candidate, name) } catch { failure = error }
    }
    throw failure
  }

  private static func bindTCP(_ address: SocketAddress, _ name: String) throws(SyscallError) -> Listener {
    let socket = try streamSocket(address.family)
    let raw = socket.rawValue
    try syscall("setsockopt") { clinux_reactor_set_option(raw, SOL_SOCKET, SO_REUSEADDR, 1) }
    try syscall("bind", on: name) { clinux_reactor_bind(raw, address.bytes, UInt32(address.bytes.count)) }
    try syscall("listen", on: name) { listen(raw, 1024) }
    return try Listener(socket, port: UInt16(truncatingIfNeeded: clinux_reactor_local_port(raw)))
  }

  /// The next connection. Throws EBADF once closed, `CancellationError`.
  public func accept() async throws -> AsyncDescriptor {
    while true {
      switch try acceptNow() {
      case .connection(let raw):
        // Fails on what is no TCP socket, and there is nothing to be hurried there.
        if port != nil { clinux_reactor_set_option(raw, CInt(IPPROTO_TCP), TCP_NODELAY, 1) }
        return try AsyncDescriptor(FileDescriptor(owning: raw))
      case .nobody: try await descriptor.readable()
      case .aborted: continue
      // The connection stays in the queue; others will close theirs meanwhile.
      case .exhausted: try await sleep(milliseconds: 50)
      }
    }
  }

  private enum Accepted { case connection(CInt), nobody, aborted, exhausted }

  private func acceptNow() throws(SyscallError) -> Accepted {
    do throws(SyscallError) {
      let raw = try descriptor.withRaw { raw throws(SyscallError) in
        try syscall("accept4") { clinux_reactor_accept(raw) }
      }
      return .connection(raw)
    } catch {
      if error.errno == .wouldBlock { return .nobody }
      if error.errno.isAbortedConnection { return .aborted }
      if error.errno.isLackOfResources { return .exhausted }
      throw error
    }
  }

  /// Stops listening and wakes `accept`.
  public func close() { descriptor.close() }
}

private func bind(_ socket: borrowing FileDescriptor, _ path: String) throws(SyscallError) {
  let raw = socket.rawValue
  try withSocketPath(path) { short throws(SyscallError) in
    _ = try syscall("bind", on: path) { clinux_reactor_bind_unix(raw, short) }
  }
}

/// Removes the socket of a process that died; what somebody answers at, or is no socket, stays in bind's way.
private func removeStale(_ path: String) throws(SyscallError) {
  if isSocket(path), !isAnswered(path) { try Files.unlink(path) }
}

private func isSocket(_ path: String) -> Bool {
  var info = stat()
  return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFSOCK
}

extension Errno {
  /// accept(2): errors of the new connection, not of the listener.
  var isAbortedConnection: Bool {
    [ECONNABORTED, EPROTO, ENETDOWN, EHOSTUNREACH, ENETUNREACH].contains(rawValue)
  }
}
