import CLinux
import Glibc

/// What passing on somebody's connection takes (splice(2), tcp(7), socket(7)).
extension FileDescriptor {
  /// Moves up to `count` bytes between a pipe and something else inside the kernel, without waiting: how many, 0 at
  /// the end of the source.
  public borrowing func splice(into target: borrowing FileDescriptor, upTo count: Int) throws(SyscallError)
    -> Int
  {
    let (from, to) = (rawValue, target.rawValue)
    let moveWithoutWaiting: UInt32 = 1 | 2
    return try syscall("splice") { clinux_splice(from, to, count, moveWithoutWaiting) }
  }

  /// Whether closing the socket resets its connection, and drops what the peer has not got yet.
  public borrowing func setResetOnClose(_ on: Bool) throws(SyscallError) {
    let raw = rawValue
    try syscall("setsockopt", on: "SO_LINGER") { clinux_reset_on_close(raw, on ? 1 : 0) }
  }

  /// Asks a peer that has been silent for `idle` seconds whether it is still there, and ends the connection when it
  /// has not answered nine times.
  public borrowing func keepAlive(idle: Int32) throws(SyscallError) {
    try setOption(SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE")
    try setOption(CInt(IPPROTO_TCP), TCP_KEEPIDLE, idle, "TCP_KEEPIDLE")
    try setOption(CInt(IPPROTO_TCP), TCP_KEEPINTVL, idle, "TCP_KEEPINTVL")
  }
}
