import CLinux
import Glibc

/// Bound sockets that listen, stop and listen again (listen(2), socket(7)).
///
/// `SO_REUSEADDR` is on as long as one listens, and off while it does not. Connections inherit it, so those that
/// linger after a server's end keep its address from nobody who listens next; a socket that is only bound would let
/// everybody who sets it bind the same address.
extension FileDescriptor {
  /// Lets a bound socket take connections; false where its kind has none, as UDP.
  public borrowing func startListening(backlog: Int32 = 128) throws(SyscallError) -> Bool {
    guard try isStream() else { return false }
    let raw = rawValue
    try setOption(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
    try syscall("listen") { Glibc.listen(raw, backlog) }
    return true
  }

  /// A listening socket goes back to being bound only (`shutdown(2)`): whoever tries is refused, and its address is
  /// kept from others. A port that the kernel chose is given back to it: such a socket can only be closed.
  public borrowing func stopListening() throws(SyscallError) {
    let raw = rawValue
    try setOption(SOL_SOCKET, SO_REUSEADDR, 0, "SO_REUSEADDR")
    try syscall("shutdown") { Glibc.shutdown(raw, CInt(SHUT_RDWR)) }
  }

  private borrowing func isStream() throws(SyscallError) -> Bool {
    let raw = rawValue
    var type: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    try syscall("getsockopt", on: "SO_TYPE") { getsockopt(raw, SOL_SOCKET, SO_TYPE, &type, &size) }
    let stream: CInt = 1
    return type == stream
  }
}
