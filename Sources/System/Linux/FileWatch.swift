import CLinux

/// `inotify(7)`.
public enum FileWatch {
  /// A non-blocking descriptor, readable when a file in the directory was written, made or renamed there.
  /// What is read from it says nothing that a look at the files does not say better.
  public static func directory(_ path: String) throws(SyscallError) -> FileDescriptor {
    FileDescriptor(owning: try syscall("inotify_add_watch", on: path) { clinux_watch_directory(path) })
  }
}
