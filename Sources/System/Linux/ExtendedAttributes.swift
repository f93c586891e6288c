import CLinux
import Glibc

/// Extended attributes (xattr(7)). `follow` false means a symbolic link's own.
extension Files {
  /// The value, or nil when there is no such attribute or the file system has none.
  public static func attribute(
    _ name: String, of path: String, follow: Bool = false
  ) throws(SyscallError) -> [UInt8]? {
    try growing("getxattr", path) { clinux_getxattr(path, name, $0, $1, follow ? 1 : 0) }
  }

  /// `setxattr(2)`.
  public static func setAttribute(
    _ name: String, _ value: [UInt8], of path: String, follow: Bool = false
  ) throws(SyscallError) {
    try syscall("setxattr", on: path) {
      value.withUnsafeBytes { clinux_setxattr(path, name, $0.baseAddress, $0.count, follow ? 1 : 0) }
    }
  }

  /// The names of all attributes; none where the file system has none.
  public static func attributeNames(of path: String, follow: Bool = false) throws(SyscallError) -> [String] {
    let all = try growing("listxattr", path) {
      clinux_listxattr(path, $0?.assumingMemoryBound(to: CChar.self), $1, follow ? 1 : 0)
    }
    return (all ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// `removexattr(2)`.
  public static func removeAttribute(_ name: String, of path: String, follow: Bool = false)
    throws(SyscallError)
  {
    try syscall("removexattr", on: path) { clinux_removexattr(path, name, follow ? 1 : 0) }
  }
}

extension FileDescriptor {
  /// The value, or nil when there is no such attribute or the file system has none.
  public borrowing func attribute(_ name: String) throws(SyscallError) -> [UInt8]? {
    let raw = rawValue
    return try growing("fgetxattr", nil) { clinux_fgetxattr(raw, name, $0, $1) }
  }

  /// `fsetxattr(2)`.
  public borrowing func setAttribute(_ name: String, _ value: [UInt8]) throws(SyscallError) {
    let raw = rawValue
    try syscall("fsetxattr", on: name) {
      value.withUnsafeBytes { clinux_fsetxattr(raw, name, $0.baseAddress, $0.count) }
    }
  }

  /// The names of all attributes; none where the file system has none.
  public borrowing func attributeNames() throws(SyscallError) -> [String] {
    let raw = rawValue
    let all = try growing("flistxattr", nil) {
      clinux_flistxattr(raw, $0?.assumingMemoryBound(to: CChar.self), $1)
    }
    return (all ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Reads a value of unknown size: asked for its size, then read, again when it grew in between.
private func growing(
  _ call: StaticName, _ path: String?, _ read: (UnsafeMutableRawPointer?, Int) -> Int
) throws(SyscallError) -> [UInt8]? {
  while true {
    do throws(SyscallError) {
      let size = try syscall(call, on: path) { read(nil, 0) }
      if size == 0 { return [] }
      var bytes = [UInt8](repeating: 0, count: size)
      let got = try syscall(call, on: path) {
        bytes.withUnsafeMutableBytes { read($0.baseAddress, $0.count) }
      }
      bytes.removeLast(size - got)
      return bytes
    } catch  where error.errno == .noData || error.errno == .notSupported {
      return nil
    } catch  where error.errno.rawValue == ERANGE {
      continue
    }
  }
}
