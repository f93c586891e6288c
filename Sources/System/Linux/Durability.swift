import CLinux

extension FileDescriptor {
  /// `syncfs(2)`: everything written so far to the file system that this file is on is on its disk
  /// afterwards.
  public borrowing func synchronizeFileSystem() throws(SyscallError) {
    let raw = rawValue
    try syscall("syncfs") { clinux_syncfs(raw) }
  }
}

/// Which run of the kernel this is (random(4), boot_id).
public enum BootID {
  public static func current() throws(SyscallError) -> String {
    String(try Files.text("/proc/sys/kernel/random/boot_id").prefix { !$0.isWhitespace })
  }
}
