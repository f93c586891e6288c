import Glibc

/// Two connected Unix sockets (`socketpair(2)`), both close-on-exec.
public struct SocketPair: ~Copyable {
  public let ours: FileDescriptor
  public let theirs: FileDescriptor

  /// With `packets` the bounds of what is sent are kept (`SOCK_SEQPACKET`).
  public init(packets: Bool = false) throws(SyscallError) {
    var ends: [CInt] = [0, 0]
    let type = packets ? CInt(SOCK_SEQPACKET.rawValue) : CInt(SOCK_STREAM.rawValue)
    let kind = type | CInt(SOCK_CLOEXEC.rawValue)
    try syscall("socketpair") { socketpair(AF_UNIX, kind, 0, &ends) }
    ours = FileDescriptor(owning: ends[0])
    theirs = FileDescriptor(owning: ends[1])
  }

  /// Keeps our end, closes the other.
  public consuming func intoOurs() -> FileDescriptor { ours }
}
