import Glibc

/// Two connected Unix stream sockets (`socketpair(2)`), both close-on-exec.
public struct SocketPair: ~Copyable {
  public let ours: FileDescriptor
  public let theirs: FileDescriptor

  public init() throws(SyscallError) {
    var ends: [CInt] = [0, 0]
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    try syscall("socketpair") { socketpair(AF_UNIX, kind, 0, &ends) }
    ours = FileDescriptor(owning: ends[0])
    theirs = FileDescriptor(owning: ends[1])
  }

  /// Keeps our end, closes the other.
  public consuming func intoOurs() -> FileDescriptor { ours }
}
