import CLinux
import Glibc

/// One name in a directory, as `getdents64(2)` tells it.
public struct DirectoryEntry: Sendable, Hashable {
  public let name: String
  public let inode: UInt64
  /// `DT_*` of readdir(3); 0 where the file system does not say.
  public let type: UInt8
  public var isDirectory: Bool { type == 4 }
  public var isRegular: Bool { type == 8 }
  public var isSymbolicLink: Bool { type == 10 }
}

extension FileDescriptor {
  /// Every entry of this directory but `.` and `..`, in the file system's order; the directory is read from
  /// its start.
  public borrowing func entries() throws(SyscallError) -> [DirectoryEntry] {
    try seek(to: 0)
    let raw = rawValue
    var found: [DirectoryEntry] = []
    var buffer = [UInt8](repeating: 0, count: 32768)
    while true {
      let count = try syscall("getdents64") {
        buffer.withUnsafeMutableBytes { clinux_getdents64(raw, $0.baseAddress, $0.count) }
      }
      if count == 0 { return found }
      buffer.withUnsafeBytes { bytes in
        var offset = 0
        while offset < count {
          let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
          let name = bytes[(offset + 19)..<(offset + length)].prefix { $0 != 0 }
          if !name.elementsEqual([0x2e]) && !name.elementsEqual([0x2e, 0x2e]) {
            found.append(
              DirectoryEntry(
                name: String(decoding: name, as: UTF8.self),
                inode: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                type: bytes[offset + 18]))
          }
          offset += length
        }
      }
    }
  }
}
