import CLinux
import Glibc

/// The flags of `open(2)`; `O_CLOEXEC` is always added.
public struct OpenFlags: OptionSet, Sendable {
  public let rawValue: CInt
  public init(rawValue: CInt) { self.rawValue = rawValue }
  public static let readOnly = OpenFlags([])
  public static let writeOnly = OpenFlags(rawValue: O_WRONLY)
  public static let readWrite = OpenFlags(rawValue: O_RDWR)
  public static let create = OpenFlags(rawValue: O_CREAT)
  public static let exclusive = OpenFlags(rawValue: O_EXCL)
  public static let truncate = OpenFlags(rawValue: O_TRUNC)
  public static let append = OpenFlags(rawValue: O_APPEND)
  public static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
  public static let directory = OpenFlags(rawValue: O_DIRECTORY)
  public static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
  public static let noControllingTerminal = OpenFlags(rawValue: O_NOCTTY)
  /// Every write goes to the end; the file is made if there is none.
  public static let appendOrCreate: OpenFlags = [.writeOnly, .append, .create]
  /// Only a place in the tree, not the file's contents (`O_PATH`).
  public static let path = OpenFlags(rawValue: 0o10000000)
  /// A file without a name in the directory given (`O_TMPFILE`).
  public static let unnamed = OpenFlags(rawValue: 0o20000000 | O_DIRECTORY)
}

/// How `openat2(2)` may walk a path.
public struct ResolveFlags: OptionSet, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let noCrossDevice = ResolveFlags(rawValue: 0x01)
  public static let noMagicLinks = ResolveFlags(rawValue: 0x02)
  public static let noSymbolicLinks = ResolveFlags(rawValue: 0x04)
  /// Fails when the path leaves the directory.
  public static let beneath = ResolveFlags(rawValue: 0x08)
  /// The directory is `/` for the walk: absolute paths and links and `..` stay inside.
  public static let inRoot = ResolveFlags(rawValue: 0x10)
}

extension FileDescriptor {
  /// `open(2)`, always with `O_CLOEXEC`.
  public static func open(
    _ path: String, _ flags: OpenFlags, mode: UInt32 = 0o644
  ) throws(SyscallError) -> FileDescriptor {
    try open(path, flags.rawValue, mode: mode)
  }

  /// `openat(2)`, always with `O_CLOEXEC`.
  public borrowing func open(
    at path: String, _ flags: OpenFlags, mode: UInt32 = 0o644
  ) throws(SyscallError) -> FileDescriptor {
    try open(at: path, flags.rawValue, mode: mode)
  }

  /// `openat2(2)` from this directory, which is the root of the walk unless `resolve` says otherwise:
  /// whatever the path and the links on it say, nothing outside is reached.
  public borrowing func open(
    inside path: String, _ flags: OpenFlags, mode: UInt32 = 0o644,
    resolve: ResolveFlags = [.inRoot, .noMagicLinks]
  ) throws(SyscallError) -> FileDescriptor {
    let raw = rawValue
    let creates = flags.contains(.create) || flags.rawValue & 0o20000000 != 0
    let all = UInt64(UInt32(bitPattern: flags.rawValue | O_CLOEXEC))
    // The kernel answers EAGAIN when a rename raced with the walk.
    while true {
      do {
        return FileDescriptor(
          owning: try syscall("openat2", on: path) {
            clinux_openat2(raw, path, all, creates ? UInt64(mode) : 0, resolve.rawValue)
          })
      } catch  where error.errno == .wouldBlock {
        continue
      }
    }
  }

  /// This file's name in the caller's `/proc`, for calls that take only paths.
  public var procPath: String { "/proc/self/fd/\(rawValue)" }
}

/// A file in memory only (`memfd_create(2)`), which may be sealed.
public func memoryFile(_ name: String) throws(SyscallError) -> FileDescriptor {
  FileDescriptor(owning: try syscall("memfd_create", on: name) { clinux_memfd_create(name, 1 | 2) })
}

/// A file in memory with these bytes, to be read from its start.
public func memoryFile(_ name: String, holding bytes: [UInt8]) throws(SyscallError) -> FileDescriptor {
  let file = try memoryFile(name)
  try file.write(bytes)
  try file.seek(to: 0)
  return file
}

extension FileDescriptor {
  /// Forbids every later change of a memory file, and of its seals (`F_ADD_SEALS`).
  public borrowing func seal() throws(SyscallError) {
    let raw = rawValue
    try syscall("fcntl") { clinux_add_seals(raw, 1 | 2 | 4 | 8) }
  }

  /// Whether nobody can change its contents any more (`F_GET_SEALS`); false for what is no memory file.
  public borrowing func isSealed() -> Bool {
    let (raw, getSeals, writeSeal) = (rawValue, CInt(1034), CInt(8))
    let seals = fcntl(raw, getSeals)
    return seals >= 0 && seals & writeSeal != 0
  }

  /// `lseek(2)` from the start of the file.
  public borrowing func seek(to offset: Int64) throws(SyscallError) {
    let raw = rawValue
    try syscall("lseek") { lseek(raw, Int(offset), SEEK_SET) }
  }

  /// One `write(2)`: how many bytes were taken; `EAGAIN` on a full non-blocking pipe is thrown.
  public borrowing func writeSome(_ bytes: ArraySlice<UInt8>) throws(SyscallError) -> Int {
    let raw = rawValue
    return try syscall("write") { bytes.withUnsafeBytes { Glibc.write(raw, $0.baseAddress, $0.count) } }
  }

  /// Takes (or with `wait` false tries) an exclusive `flock(2)`; false when somebody else holds it.
  public borrowing func lock(wait: Bool = true) throws(SyscallError) -> Bool {
    let raw = rawValue
    do throws(SyscallError) {
      try syscall("flock") { flock(raw, LOCK_EX | (wait ? 0 : LOCK_NB)) }
      return true
    } catch  where error.errno == .wouldBlock {
      return false
    }
  }

  /// Whether the descriptor survives `execve(2)`.
  public borrowing func setInherited(_ on: Bool) throws(SyscallError) {
    let raw = rawValue
    try syscall("fcntl") { fcntl(raw, F_SETFD, on ? 0 : FD_CLOEXEC) }
  }

  /// `dup3(2)` onto `number`, which is closed first if it was open; the copy survives `execve(2)`.
  public borrowing func duplicate(onto number: CInt) throws(SyscallError) {
    if rawValue == number { return try setInherited(true) }
    let raw = rawValue
    try syscall("dup2") { dup2(raw, number) }
  }
}
