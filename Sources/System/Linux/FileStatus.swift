import CLinux
import Glibc

/// A moment of the file system's clock.
public struct FileTime: Hashable, Sendable, Comparable {
  public var seconds: Int64
  public var nanoseconds: UInt32
  public init(seconds: Int64, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
  public static func < (a: Self, b: Self) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }
}

/// A device's number.
public struct DeviceNumber: Hashable, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public init(major: UInt32, minor: UInt32) { rawValue = clinux_makedev(major, minor) }
  public var major: UInt32 { clinux_major(rawValue) }
  public var minor: UInt32 { clinux_minor(rawValue) }
}

/// What `stat(2)` tells of a file.
public struct FileStatus: Sendable {
  public enum Kind: Sendable {
    case regular, directory, symbolicLink, characterDevice, blockDevice, fifo, socket, unknown
  }
  public let device: DeviceNumber
  public let inode: UInt64
  public let links: UInt64
  public let size: Int64
  /// Space used, in bytes.
  public let allocated: Int64
  /// Which device a device file stands for.
  public let deviceNumber: DeviceNumber
  /// Type and permissions as in `st_mode`.
  public let mode: UInt32
  public let uid: UInt32
  public let gid: UInt32
  public let accessed: FileTime
  public let modified: FileTime
  public let changed: FileTime

  init(_ raw: clinux_stat) {
    device = DeviceNumber(rawValue: raw.device)
    inode = raw.inode
    links = raw.links
    size = Int64(clamping: raw.size)
    allocated = Int64(clamping: raw.blocks * 512)
    deviceNumber = DeviceNumber(rawValue: raw.rdev)
    mode = raw.mode
    uid = raw.uid
    gid = raw.gid
    accessed = FileTime(seconds: raw.atime, nanoseconds: raw.atime_ns)
    modified = FileTime(seconds: raw.mtime, nanoseconds: raw.mtime_ns)
    changed = FileTime(seconds: raw.ctime, nanoseconds: raw.ctime_ns)
  }

  public var kind: Kind {
    switch mode & S_IFMT {
    case S_IFREG: .regular
    case S_IFDIR: .directory
    case S_IFLNK: .symbolicLink
    case S_IFCHR: .characterDevice
    case S_IFBLK: .blockDevice
    case S_IFIFO: .fifo
    case S_IFSOCK: .socket
    default: .unknown
    }
  }
  /// The permission bits, with set-user-id, set-group-id and sticky.
  public var permissions: UInt32 { mode & 0o7777 }

  static func read(_ call: StaticName, _ directory: CInt, _ path: String, _ flags: CInt) throws(SyscallError)
    -> Self
  {
    var raw = clinux_stat()
    try syscall(call, on: path.isEmpty ? nil : path) { clinux_fstatat(directory, path, flags, &raw) }
    return FileStatus(raw)
  }
}

extension Files {
  /// `stat(2)`.
  public static func status(_ path: String) throws(SyscallError) -> FileStatus {
    try FileStatus.read("stat", AT_FDCWD, path, 0)
  }
  /// `lstat(2)`: of a symbolic link itself.
  public static func linkStatus(_ path: String) throws(SyscallError) -> FileStatus {
    try FileStatus.read("lstat", AT_FDCWD, path, AT_SYMLINK_NOFOLLOW)
  }
  /// Whether a directory is at `path`, symbolic links followed.
  public static func isDirectory(_ path: String) -> Bool {
    var raw = clinux_stat()
    return clinux_fstatat(AT_FDCWD, path, 0, &raw) == 0 && raw.mode & S_IFMT == S_IFDIR
  }
}

extension FileDescriptor {
  /// `fstat(2)`; works on `O_PATH` descriptors too.
  public borrowing func status() throws(SyscallError) -> FileStatus {
    try FileStatus.read("fstat", rawValue, "", 0x1000)
  }
  /// `fstatat(2)` of an entry, symbolic links not followed.
  public borrowing func status(of name: String) throws(SyscallError) -> FileStatus {
    try FileStatus.read("fstatat", rawValue, name, AT_SYMLINK_NOFOLLOW)
  }
}

/// What `statfs(2)` tells of the file system at a place.
public struct FileSystemStatus: Sendable {
  /// The magic number, as in `statfs(2)`.
  public let type: UInt64
  public let blockSize: UInt64
  public let blocks: UInt64
  public let availableBlocks: UInt64
  public let readOnly: Bool
  /// The mount's flags as bits for `mount(2)`: read-only, nosuid, nodev, noexec, noatime, nodiratime,
  /// relatime.
  public let mountFlags: MountFlags

  public static let overlay: UInt64 = 0x794c_7630
  public static let tmpfs: UInt64 = 0x0102_1994
  public static let proc: UInt64 = 0x9fa0
  public static let sysfs: UInt64 = 0x6265_6572
  public static let cgroup2: UInt64 = 0x6367_7270
  public static let namespace: UInt64 = 0x6e73_6673

  init(_ raw: clinux_statfs) {
    type = raw.type
    blockSize = raw.block_size
    blocks = raw.blocks
    availableBlocks = raw.blocks_available
    readOnly = raw.flags & 1 != 0
    var flags = MountFlags(rawValue: UInt(raw.flags & 0xf))
    if raw.flags & 0x400 != 0 { flags.insert(.noAccessTime) }
    if raw.flags & 0x800 != 0 { flags.insert(.noDirectoryAccessTime) }
    if raw.flags & 0x1000 != 0 { flags.insert(.relativeAccessTime) }
    mountFlags = flags
  }

  public static func of(_ path: String) throws(SyscallError) -> FileSystemStatus {
    var raw = clinux_statfs()
    try syscall("statfs", on: path) { clinux_statfs(path, &raw) }
    return FileSystemStatus(raw)
  }
}

extension FileDescriptor {
  /// `fstatfs(2)`.
  public borrowing func fileSystem() throws(SyscallError) -> FileSystemStatus {
    var raw = clinux_statfs()
    let descriptor = rawValue
    try syscall("fstatfs") { clinux_fstatfs(descriptor, &raw) }
    return FileSystemStatus(raw)
  }
}
