import Glibc

/// Which file it is, whatever its name is by now.
public struct FileIdentity: Hashable, Sendable {
  public let device: UInt64
  public let inode: UInt64

  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}

extension FileDescriptor {
  /// `pread(2)`: at most `count` bytes from `offset`, none at the end of the file.
  public borrowing func read(at offset: Int64, upTo count: Int) throws(SyscallError) -> [UInt8] {
    let raw = rawValue
    var failure: SyscallError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SyscallError) {
        filled = try syscall("pread") { pread(raw, buffer.baseAddress, count, off_t(offset)) }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The file's size in bytes, and which file it is (`fstat(2)`).
  public borrowing func sizeAndIdentity() throws(SyscallError) -> (size: Int64, identity: FileIdentity) {
    let raw = rawValue
    var info = stat()
    try syscall("fstat") { fstat(raw, &info) }
    return (Int64(info.st_size), FileIdentity(device: UInt64(info.st_dev), inode: UInt64(info.st_ino)))
  }

  /// `posix_fallocate(3)`: the first `size` bytes have their place on the disk afterwards.
  public borrowing func allocate(_ size: Int64) throws(SyscallError) {
    let code = posix_fallocate(rawValue, 0, off_t(size))
    guard code == 0 else { throw SyscallError(call: "posix_fallocate", errno: Errno(rawValue: code)) }
  }

  /// `ftruncate(2)`.
  public borrowing func truncate(to size: Int64) throws(SyscallError) {
    let raw = rawValue
    try syscall("ftruncate") { ftruncate(raw, off_t(size)) }
  }
}
