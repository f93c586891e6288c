import CLinux
import Glibc

/// A name or path that may be no text: the kernel's file names are bytes. What follows a NUL is cut off.
public struct PathBytes: Hashable, Sendable {
  let terminated: [CChar]

  public init(_ bytes: some Sequence<UInt8>) {
    var characters = bytes.map { CChar(bitPattern: $0) }
    characters.append(0)
    terminated = characters
  }

  public init(_ text: String) { self.init(text.utf8) }

  public var bytes: [UInt8] { terminated.dropLast().map { UInt8(bitPattern: $0) } }
  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// The calls on entries of an open directory, by names of any bytes. Symbolic links are never followed at
/// the name itself.
extension FileDescriptor {
  /// `openat2(2)` with this directory as the root of the walk, also for links and `..`.
  public borrowing func open(
    inside path: PathBytes, _ flags: OpenFlags, resolve: ResolveFlags = [.inRoot, .noMagicLinks]
  ) throws(SyscallError) -> FileDescriptor {
    let raw = rawValue
    let all = UInt64(UInt32(bitPattern: flags.rawValue | O_CLOEXEC))
    while true {
      do throws(SyscallError) {
        return FileDescriptor(
          owning: try syscall("openat2", on: path.text) {
            clinux_openat2(raw, path.terminated, all, 0, resolve.rawValue)
          })
      } catch  where error.errno == .wouldBlock {
        continue
      }
    }
  }

  /// `openat(2)` of a name in this directory.
  public borrowing func open(
    at name: PathBytes, _ flags: OpenFlags, mode: UInt32 = 0o644
  ) throws(SyscallError) -> FileDescriptor {
    let raw = rawValue
    let all = flags.rawValue | O_CLOEXEC | O_NOFOLLOW
    return FileDescriptor(
      owning: try syscall("openat", on: name.text) { openat(raw, name.terminated, all, mode) })
  }

  /// `fstatat(2)`.
  public borrowing func status(of name: PathBytes) throws(SyscallError) -> FileStatus {
    let raw = rawValue
    var info = clinux_stat()
    try syscall("fstatat", on: name.text) { clinux_fstatat(raw, name.terminated, AT_SYMLINK_NOFOLLOW, &info) }
    return FileStatus(info)
  }

  /// `mkdirat(2)`.
  public borrowing func makeDirectory(_ name: PathBytes, mode: UInt32) throws(SyscallError) {
    let raw = rawValue
    try syscall("mkdirat", on: name.text) { mkdirat(raw, name.terminated, mode) }
  }

  /// `mknodat(2)`: `mode` holds the kind (`S_IFCHR` 0o020000, `S_IFBLK` 0o060000, `S_IFIFO` 0o010000) and
  /// the permissions.
  public borrowing func makeNode(_ name: PathBytes, mode: UInt32, device: DeviceNumber) throws(SyscallError) {
    let raw = rawValue
    try syscall("mknodat", on: name.text) { mknodat(raw, name.terminated, mode, dev_t(device.rawValue)) }
  }

  /// `symlinkat(2)`.
  public borrowing func makeSymbolicLink(_ name: PathBytes, to target: PathBytes) throws(SyscallError) {
    let raw = rawValue
    try syscall("symlinkat", on: name.text) { symlinkat(target.terminated, raw, name.terminated) }
  }

  /// `linkat(2)`: `name` here becomes another name of `existing` in `directory`.
  public borrowing func makeLink(
    _ name: PathBytes, to existing: PathBytes, in directory: borrowing FileDescriptor
  ) throws(SyscallError) {
    let from = directory.rawValue
    let to = rawValue
    try syscall("linkat", on: name.text) { clinux_linkat(from, existing.terminated, to, name.terminated, 0) }
  }

  /// `readlinkat(2)`.
  public borrowing func readLink(_ name: PathBytes) throws(SyscallError) -> [UInt8] {
    let raw = rawValue
    var target = [CChar](repeating: 0, count: 4096)
    let count = try syscall("readlinkat", on: name.text) { readlinkat(raw, name.terminated, &target, 4096) }
    return target[..<count].map { UInt8(bitPattern: $0) }
  }

  /// `unlinkat(2)`, of a directory when `directory` is true.
  public borrowing func remove(_ name: PathBytes, directory: Bool = false) throws(SyscallError) {
    let raw = rawValue
    try syscall("unlinkat", on: name.text) { unlinkat(raw, name.terminated, directory ? AT_REMOVEDIR : 0) }
  }

  /// `renameat2(2)` into another directory.
  public borrowing func rename(
    _ name: PathBytes, to renamed: PathBytes, in directory: borrowing FileDescriptor
  ) throws(SyscallError) {
    let from = rawValue
    let to = directory.rawValue
    try syscall("renameat2", on: name.text) {
      clinux_renameat2(from, name.terminated, to, renamed.terminated, 0)
    }
  }

  /// `fchownat(2)`.
  public borrowing func changeOwner(_ name: PathBytes, uid: UInt32, gid: UInt32) throws(SyscallError) {
    let raw = rawValue
    try syscall("fchownat", on: name.text) { fchownat(raw, name.terminated, uid, gid, AT_SYMLINK_NOFOLLOW) }
  }

  /// `fchown(2)`.
  public borrowing func changeOwner(uid: UInt32, gid: UInt32) throws(SyscallError) {
    let raw = rawValue
    try syscall("fchown") { fchown(raw, uid, gid) }
  }

  /// `fchmodat(2)` of an entry that is known to be no symbolic link.
  public borrowing func changeMode(_ name: PathBytes, _ mode: UInt32) throws(SyscallError) {
    let raw = rawValue
    try syscall("fchmodat", on: name.text) { fchmodat(raw, name.terminated, mode, 0) }
  }

  /// `utimensat(2)`: both times become `time`.
  public borrowing func changeTimes(_ name: PathBytes, _ time: FileTime) throws(SyscallError) {
    let raw = rawValue
    try syscall("utimensat", on: name.text) {
      clinux_utimensat(
        raw, name.terminated, time.seconds, time.nanoseconds, time.seconds, time.nanoseconds,
        AT_SYMLINK_NOFOLLOW)
    }
  }

  /// `write(2)` until every byte is written, without a copy.
  public borrowing func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SyscallError) {
    let raw = rawValue
    var done = 0
    while done < bytes.count {
      done += try syscall("write") {
        Glibc.write(raw, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      }
    }
  }

  /// The names in this directory with their types (`DT_*` of readdir(3)), in order of their bytes.
  public borrowing func sortedNames() throws(SyscallError) -> [(name: PathBytes, type: UInt8)] {
    try seek(to: 0)
    let raw = rawValue
    var found: [(name: [UInt8], type: UInt8)] = []
    var buffer = [UInt8](repeating: 0, count: 32768)
    while true {
      let count = try syscall("getdents64") {
        buffer.withUnsafeMutableBytes { clinux_getdents64(raw, $0.baseAddress, $0.count) }
      }
      if count == 0 { break }
      var offset = 0
      while offset < count {
        let length = Int(buffer[offset + 16]) | Int(buffer[offset + 17]) << 8
        let name = buffer[(offset + 19)..<(offset + length)].prefix { $0 != 0 }
        if name != [0x2e] && name != [0x2e, 0x2e] { found.append((Array(name), buffer[offset + 18])) }
        offset += length
      }
    }
    found.sort { $0.name.lexicographicallyPrecedes($1.name) }
    return found.map { (PathBytes($0.name), $0.type) }
  }
}

extension FileTime {
  /// The system's clock now, for `utimensat(2)`.
  public static var now: FileTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return FileTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }
}
