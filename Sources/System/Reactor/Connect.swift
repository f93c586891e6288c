import CLinux
import Glibc
import Linux

/// New connections to others.
public enum Connect {
  /// A Unix socket. Throws ENOENT or ECONNREFUSED when nobody listens there.
  public static func unix(_ path: String) async throws -> AsyncDescriptor {
    var pause = 1
    while true {
      let socket = try streamSocket(AF_UNIX)
      if try connect(socket, path) { return try AsyncDescriptor(socket) }
      // The listener's queue is full, and epoll does not tell when it no longer is.
      try await sleep(milliseconds: pause)
      pause = min(pause * 2, 100)
    }
  }

  /// False when the listener's queue is full.
  private static func connect(_ socket: borrowing FileDescriptor, _ path: String) throws(SyscallError) -> Bool
  {
    let raw = socket.rawValue
    do throws(SyscallError) {
      try withSocketPath(path) { short throws(SyscallError) in
        _ = try syscall("connect", on: path) { clinux_reactor_connect_unix(raw, short) }
      }
    } catch  where error.errno == .wouldBlock {
      return false
    }
    return true
  }

  /// TCP to a host name or address; the first address that answers.
  public static func tcp(host: String, port: UInt16) async throws -> AsyncDescriptor {
    let name = "\(host):\(port)"
    let addresses = try await blocking { () throws(SyscallError) in
      try SocketAddress.lookUp(host: host, port: port)
    }
    var failure = SyscallError(call: "connect", subject: name, errno: .connectionRefused)
    for address in addresses {
      do {
        return try await connect(address, name)
      } catch let error as SyscallError {
        failure = error
      }
    }
    throw failure
  }

  private static func connect(_ address: SocketAddress, _ name: String) async throws -> AsyncDescriptor {
    let socket = try streamSocket(address.family)
    let raw = socket.rawValue
    clinux_reactor_set_option(raw, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    let inProgress = try start(raw, address, name)
    let descriptor = try AsyncDescriptor(socket)
    guard inProgress else { return descriptor }
    try await descriptor.writable()
    let late = try descriptor.withRaw { raw throws(SyscallError) in clinux_reactor_take_socket_error(raw) }
    guard late == 0 else { throw SyscallError(call: "connect", subject: name, errno: Errno(rawValue: late)) }
    return descriptor
  }

  /// True when the answer will come later.
  private static func start(_ raw: CInt, _ address: SocketAddress, _ name: String) throws(SyscallError)
    -> Bool
  {
    do throws(SyscallError) {
      try syscall("connect", on: name) {
        clinux_reactor_connect(raw, address.bytes, UInt32(address.bytes.count))
      }
      return false
    } catch {
      if error.errno == .inProgress { return true }
      throw error
    }
  }
}
