import CLinux
import Glibc
import Linux

/// Runs `body` with a path that fits into a socket address: 107 bytes, and longer ones by way of their directory.
func withSocketPath<Value: ~Copyable>(
  _ path: String, _ body: (String) throws(SyscallError) -> Value
) throws(SyscallError) -> Value {
  guard path.utf8.count > 107, let slash = path.lastIndex(of: "/") else { return try body(path) }
  let directory = try FileDescriptor.open(String(path[...slash]), O_RDONLY | O_DIRECTORY)
  return try body("/proc/self/fd/\(directory.rawValue)/\(path[path.index(after: slash)...])")
}

/// A non-blocking stream socket.
func streamSocket(_ family: CInt) throws(SyscallError) -> FileDescriptor {
  FileDescriptor(owning: try syscall("socket") { clinux_reactor_socket(family) })
}

/// Whether some process answers at this socket. A file of a process that died refuses.
func isAnswered(_ path: String) -> Bool {
  do throws(SyscallError) {
    let probe = try streamSocket(AF_UNIX)
    try withSocketPath(path) { short throws(SyscallError) in
      _ = try syscall("connect", on: path) { clinux_reactor_connect_unix(probe.rawValue, short) }
    }
    return true
  } catch {
    // A full queue also means that somebody listens.
    return error.errno == .wouldBlock
  }
}
