import CLinux
import Glibc

/// Making, removing and changing the entries of an open directory; names, not paths a stranger chose.
extension FileDescriptor {
  /// `mkdirat(2)`.
  public borrowing func makeDirectory(_ name: String, mode: UInt32 = 0o755) throws(SyscallError) {
    let raw = rawValue
    try syscall("mkdirat", on: name) { mkdirat(raw, name, mode) }
  }

  /// `mknodat(2)`: `mode` holds the kind (`S_IFCHR` 0o020000, `S_IFBLK` 0o060000, `S_IFIFO` 0o010000) and
  /// the permissions.
  public borrowing func makeNode(_ name: String, mode: UInt32, device: DeviceNumber) throws(SyscallError) {
    let raw = rawValue
    try syscall("mknodat", on: name) { mknodat(raw, name, mode, dev_t(device.rawValue)) }
  }

  /// `symlinkat(2)`.
  public borrowing func makeSymbolicLink(_ name: String, to target: String) throws(SyscallError) {
    let raw = rawValue
    try syscall("symlinkat", on: name) { symlinkat(target, raw, name) }
  }

  /// `linkat(2)`: `name` here becomes another name of `existing` in `directory`.
  public borrowing func makeLink(
    _ name: String, to existing: String, in directory: borrowing FileDescriptor
  ) throws(SyscallError) {
    let from = directory.rawValue
    let to = rawValue
    try syscall("linkat", on: name) { clinux_linkat(from, existing, to, name, 0) }
  }

  /// `readlinkat(2)`; an empty name reads the link that this `O_PATH` descriptor is.
  public borrowing func readLink(_ name: String = "") throws(SyscallError) -> String {
    let raw = rawValue
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = try syscall("readlinkat", on: name) { readlinkat(raw, name, &bytes, 4096) }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `unlinkat(2)`, of a directory too when `directory` is true.
  public borrowing func remove(_ name: String, directory: Bool = false) throws(SyscallError) {
    let raw = rawValue
    try syscall("unlinkat", on: name) { unlinkat(raw, name, directory ? AT_REMOVEDIR : 0) }
  }

  /// `renameat2(2)`: `name` here becomes `renamed` in `directory`; with `replace` false it must not exist
  /// there.
  public borrowing func rename(
    _ name: String, to renamed: String, in directory: borrowing FileDescriptor, replace: Bool = true
  ) throws(SyscallError) {
    let from = rawValue
    let to = directory.rawValue
    try syscall("renameat2", on: "\(name) to \(renamed)") {
      clinux_renameat2(from, name, to, renamed, replace ? 0 : 1)
    }
  }

  /// `fchownat(2)` of an entry, or of this file when the name is empty; links are not followed.
  public borrowing func changeOwner(_ name: String = "", uid: UInt32, gid: UInt32) throws(SyscallError) {
    let raw = rawValue
    try syscall("fchownat", on: name) { fchownat(raw, name, uid, gid, AT_SYMLINK_NOFOLLOW | 0x1000) }
  }

  /// `fchmodat(2)` of an entry, which must not be a symbolic link.
  public borrowing func changeMode(_ name: String, _ mode: UInt32) throws(SyscallError) {
    let raw = rawValue
    try syscall("fchmodat", on: name) { fchmodat(raw, name, mode, 0) }
  }

  /// `fchmod(2)` of this file.
  public borrowing func changeMode(_ mode: UInt32) throws(SyscallError) {
    let raw = rawValue
    try syscall("fchmod") { fchmod(raw, mode) }
  }

  /// `utimensat(2)` of an entry, or of this file when the name is empty; links are not followed.
  public borrowing func changeTimes(
    _ name: String = "", accessed: FileTime, modified: FileTime
  ) throws(SyscallError) {
    let raw = rawValue
    try syscall("utimensat", on: name) {
      clinux_utimensat(
        raw, name, accessed.seconds, accessed.nanoseconds, modified.seconds, modified.nanoseconds,
        AT_SYMLINK_NOFOLLOW | (name.isEmpty ? 0x1000 : 0))
    }
  }

  /// `copy_file_range(2)` from this file's position to the other's: how many bytes, 0 at the end.
  public borrowing func copyRange(to other: borrowing FileDescriptor, count: Int) throws(SyscallError) -> Int
  {
    let from = rawValue
    let to = other.rawValue
    return try syscall("copy_file_range") { clinux_copy_file_range(from, to, count) }
  }

  /// `splice(2)` between pipes and files: how many bytes, 0 at the end.
  public borrowing func splice(to other: borrowing FileDescriptor, count: Int) throws(SyscallError) -> Int {
    let from = rawValue
    let to = other.rawValue
    return try syscall("splice") { clinux_splice(from, to, count, 1) }
  }
}

extension FileDescriptor {
  /// `fchdir(2)`: the caller's current directory from now on.
  public borrowing func makeCurrentDirectory() throws(SyscallError) {
    let raw = rawValue
    try syscall("fchdir") { fchdir(raw) }
  }
}

extension Files {
  /// `symlink(2)`.
  public static func makeSymbolicLink(_ path: String, to target: String) throws(SyscallError) {
    try syscall("symlink", on: path) { symlink(target, path) }
  }
  /// `readlink(2)`.
  public static func readLink(_ path: String) throws(SyscallError) -> String {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = try syscall("readlink", on: path) { readlink(path, &bytes, 4096) }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
  /// `mkdir(2)`; a directory that is there is an error.
  public static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SyscallError) {
    try syscall("mkdir", on: path) { mkdir(path, mode) }
  }
  /// `rmdir(2)`.
  public static func removeDirectory(_ path: String) throws(SyscallError) {
    try syscall("rmdir", on: path) { rmdir(path) }
  }
  /// `mkfifo(3)`.
  public static func makeFIFO(_ path: String, mode: UInt32 = 0o600) throws(SyscallError) {
    try syscall("mkfifo", on: path) { mkfifo(path, mode) }
  }
  /// `chmod(2)`.
  public static func changeMode(_ path: String, _ mode: UInt32) throws(SyscallError) {
    try syscall("chmod", on: path) { chmod(path, mode) }
  }
  /// `lchown(2)`: of a symbolic link itself.
  public static func changeOwner(_ path: String, uid: UInt32, gid: UInt32) throws(SyscallError) {
    try syscall("lchown", on: path) { lchown(path, uid, gid) }
  }
  /// `access(2)` for execution by the caller's real ids, or `effectively` by those and the capabilities that
  /// it has right now.
  public static func mayExecute(_ path: String, effectively: Bool = false) throws(SyscallError) {
    try syscall("access", on: path) { faccessat(AT_FDCWD, path, X_OK, effectively ? 0x200 : 0) }
  }
  /// `realpath(3)`: absolute, without links.
  public static func realPath(_ path: String) throws(SyscallError) -> String {
    guard let resolved = realpath(path, nil) else {
      throw SyscallError(call: "realpath", subject: path, errno: .last)
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
  /// `sync(2)` of the file system that holds `path`.
  public static func synchronizeDirectory(_ path: String) throws(SyscallError) {
    try FileDescriptor.open(path, [.directory]).synchronize()
  }
  /// `chdir(2)`.
  public static func changeDirectory(_ path: String) throws(SyscallError) {
    try syscall("chdir", on: path) { chdir(path) }
  }
  /// `getcwd(3)`.
  public static func currentDirectory() throws(SyscallError) -> String {
    guard let path = getcwd(nil, 0) else { throw SyscallError(call: "getcwd", errno: .last) }
    defer { free(path) }
    return String(cString: path)
  }
  /// `umask(2)`: the mask before.
  @discardableResult
  public static func setCreationMask(_ mask: UInt32) -> UInt32 { umask(mask) }
}
