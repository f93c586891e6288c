import Linux

/// A `/proc` that is one: files below it are opened only when they are the kernel's own, never what somebody
/// mounted or linked there.
enum ProcessFileSystem {
  /// Answers the directory if it is the root of a procfs (`PROC_ROOT_INO` is 1).
  static func root(_ directory: consuming FileDescriptor) throws(SyscallError) -> FileDescriptor {
    let isProc = try directory.fileSystem().type == FileSystemStatus.proc
    guard isProc, try directory.status().inode == 1 else {
      throw SyscallError(call: "open", subject: "/proc: no procfs", errno: .notPermitted)
    }
    return directory
  }

  /// The caller's own.
  static func own() throws(SyscallError) -> FileDescriptor {
    try root(FileDescriptor.open("/proc", [.path, .directory]))
  }

  /// A file below it, on the very same mount and behind no link.
  static func open(
    _ path: String, in root: borrowing FileDescriptor, _ flags: OpenFlags
  ) throws(SyscallError) -> FileDescriptor {
    let file = try root.open(
      inside: path, flags, resolve: [.beneath, .noSymbolicLinks, .noCrossDevice])
    guard try file.fileSystem().type == FileSystemStatus.proc else {
      throw SyscallError(call: "open", subject: path, errno: .notPermitted)
    }
    return file
  }
}
