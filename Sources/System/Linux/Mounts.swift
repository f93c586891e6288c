import CLinux
import Glibc

/// The flags of `mount(2)`.
public struct MountFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static let readOnly = MountFlags(rawValue: 1)
  public static let noSetUserID = MountFlags(rawValue: 2)
  public static let noDevices = MountFlags(rawValue: 4)
  public static let noExecution = MountFlags(rawValue: 8)
  public static let synchronous = MountFlags(rawValue: 16)
  public static let remount = MountFlags(rawValue: 32)
  public static let mandatoryLocks = MountFlags(rawValue: 64)
  public static let directorySynchronous = MountFlags(rawValue: 128)
  public static let noSymbolicLinks = MountFlags(rawValue: 256)
  public static let noAccessTime = MountFlags(rawValue: 1024)
  public static let noDirectoryAccessTime = MountFlags(rawValue: 2048)
  public static let bind = MountFlags(rawValue: 4096)
  public static let move = MountFlags(rawValue: 8192)
  public static let recursive = MountFlags(rawValue: 16384)
  public static let silent = MountFlags(rawValue: 32768)
  public static let unbindable = MountFlags(rawValue: 1 << 17)
  public static let `private` = MountFlags(rawValue: 1 << 18)
  public static let slave = MountFlags(rawValue: 1 << 19)
  public static let shared = MountFlags(rawValue: 1 << 20)
  public static let relativeAccessTime = MountFlags(rawValue: 1 << 21)
  public static let inodeVersion = MountFlags(rawValue: 1 << 23)
  public static let strictAccessTime = MountFlags(rawValue: 1 << 24)
  public static let lazyTime = MountFlags(rawValue: 1 << 25)
}

/// Mounting by path (mount(2), umount2(2), pivot_root(2)).
public enum Mounts {
  /// `mount(2)`; an empty source, type or data is passed as none.
  public static func mount(
    _ source: String = "none", on target: String, type: String = "", _ flags: MountFlags = [],
    data: String = ""
  ) throws(SyscallError) {
    try syscall("mount", on: target) {
      // Empty strings stand for none: the kernel ignores them where it takes none.
      clinux_mount(source, target, type, flags.rawValue, data)
    }
  }

  /// `mount(2)` onto an open directory or file.
  public static func mount(
    _ source: String, at place: borrowing FileDescriptor, type: String, _ flags: MountFlags = [],
    data: String = ""
  ) throws(SyscallError) {
    let target = place.procPath
    try syscall("mount") { clinux_mount(source, target, type, flags.rawValue, data) }
  }

  /// `umount2(2)`; `detach` takes the mount out of the tree at once, `follow` false refuses a link as target.
  public static func unmount(_ target: String, detach: Bool = false, follow: Bool = false)
    throws(SyscallError)
  {
    try syscall("umount2", on: target) { clinux_umount2(target, (detach ? 2 : 0) | (follow ? 0 : 8)) }
  }

  /// `pivot_root(".", ".")`: the current directory becomes the root, the old root lies on top of it until
  /// unmounted.
  public static func pivotHere() throws(SyscallError) {
    try syscall("pivot_root") { clinux_pivot_root(".", ".") }
  }

  /// `chroot(2)`.
  public static func changeRoot(_ path: String) throws(SyscallError) {
    try syscall("chroot", on: path) { chroot(path) }
  }
}

/// Attributes of one mount (mount_setattr(2)).
public struct MountAttributes: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public static let readOnly = MountAttributes(rawValue: 0x1)
  public static let noSetUserID = MountAttributes(rawValue: 0x2)
  public static let noDevices = MountAttributes(rawValue: 0x4)
  public static let noExecution = MountAttributes(rawValue: 0x8)
  /// All bits of the access time's policy, to be cleared before one is set; `relatime` is none of them.
  public static let accessTimePolicy = MountAttributes(rawValue: 0x70)
  public static let noAccessTime = MountAttributes(rawValue: 0x10)
  public static let strictAccessTime = MountAttributes(rawValue: 0x20)
  public static let noDirectoryAccessTime = MountAttributes(rawValue: 0x80)
  public static let mappedOwners = MountAttributes(rawValue: 0x0010_0000)
  public static let noSymbolicLinks = MountAttributes(rawValue: 0x0020_0000)
}

/// How a mount passes mounts on to its copies (mount_namespaces(7)).
public enum Propagation: UInt64, Sendable {
  case unchanged = 0
  case unbindable = 0x20000
  case `private` = 0x40000
  case slave = 0x80000
  case shared = 0x100000
}

/// A mount held by descriptor, attached nowhere yet: gone again when it is closed before `attach`.
public struct DetachedMount: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  /// A descriptor that somebody else made.
  public init(descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  /// Keeps the descriptor alone.
  public consuming func intoDescriptor() -> FileDescriptor { descriptor }

  /// A copy of the mount at `path` (`open_tree(2)` with `OPEN_TREE_CLONE`), with the mounts below it when
  /// `recursive`.
  public static func copy(of path: String, recursive: Bool = false) throws(SyscallError) -> DetachedMount {
    let flags: CUnsignedInt = 1 | 0o2000000 | (recursive ? 0x8000 : 0)
    return DetachedMount(
      descriptor: FileDescriptor(
        owning: try syscall("open_tree", on: path) { clinux_open_tree(AT_FDCWD, path, flags) }))
  }

  /// A copy of the mount that a process sees at `path`, in whose mount namespace the caller is for a moment. The caller
  /// must have one thread, and the root of its own namespace; its working directory is that root afterwards.
  public static func copy(
    of path: String, seenBy pid: Int32, recursive: Bool = false
  ) throws(SyscallError) -> DetachedMount {
    let own = try FileDescriptor.open("/proc/self/ns/mnt", .readOnly)
    let theirs = try FileDescriptor.open("/proc/\(pid)/ns/mnt", .readOnly)
    try Namespaces.mount.join(theirs)
    do throws(SyscallError) {
      let tree = try copy(of: path, recursive: recursive)
      try Namespaces.mount.join(own)
      return tree
    } catch {
      try Namespaces.mount.join(own)
      throw error
    }
  }

  /// A copy of the mount that an open file or directory stands on.
  public static func copy(
    of place: borrowing FileDescriptor, recursive: Bool = false
  ) throws(SyscallError) -> DetachedMount {
    let flags: CUnsignedInt = 1 | 0o2000000 | 0x1000 | (recursive ? 0x8000 : 0)
    let raw = place.rawValue
    return DetachedMount(
      descriptor: FileDescriptor(owning: try syscall("open_tree") { clinux_open_tree(raw, "", flags) }))
  }

  /// A new file system (`fsopen`, `fsconfig`, `fsmount`); an option without value is a flag.
  public static func new(
    _ type: String, source: String = "", options: [(key: String, value: String?)] = [],
    attributes: MountAttributes = []
  ) throws(SyscallError) -> DetachedMount {
    let context = FileDescriptor(owning: try syscall("fsopen", on: type) { clinux_fsopen(type, 1) })
    let raw = context.rawValue
    if !source.isEmpty {
      try syscall("fsconfig", on: "\(type) source") { clinux_fsconfig(raw, 1, "source", source, 0) }
    }
    for option in options {
      if let value = option.value {
        try syscall("fsconfig", on: "\(type) \(option.key)=\(value)") {
          clinux_fsconfig(raw, 1, option.key, value, 0)
        }
      } else {
        try syscall("fsconfig", on: "\(type) \(option.key)") { clinux_fsconfig(raw, 0, option.key, nil, 0) }
      }
    }
    try syscall("fsconfig", on: type) { clinux_fsconfig(raw, 6, nil, nil, 0) }
    let mount = try syscall("fsmount", on: type) { clinux_fsmount(raw, 1, CUnsignedInt(attributes.rawValue)) }
    return DetachedMount(descriptor: FileDescriptor(owning: mount))
  }

  /// `mount_setattr(2)` on this mount, and on those below it when `recursive`.
  public borrowing func change(
    set: MountAttributes = [], clear: MountAttributes = [], propagation: Propagation = .unchanged,
    recursive: Bool = false
  ) throws(SyscallError) {
    try descriptor.changeMount(set: set, clear: clear, propagation: propagation, recursive: recursive)
  }

  /// Shows the owners of this mount's files, and with `recursive` of those below it, as a user namespace
  /// maps them (`MOUNT_ATTR_IDMAP`).
  public borrowing func mapOwners(
    by userNamespace: borrowing FileDescriptor, recursive: Bool = false
  ) throws(SyscallError) {
    let (raw, space) = (descriptor.rawValue, userNamespace.rawValue)
    try syscall("mount_setattr", on: "MOUNT_ATTR_IDMAP") {
      clinux_mount_setattr(
        raw, "", 0x1000 | (recursive ? 0x8000 : 0), MountAttributes.mappedOwners.rawValue, 0, 0, UInt64(space)
      )
    }
  }

  /// `move_mount(2)` onto an open file or directory.
  public borrowing func attach(to place: borrowing FileDescriptor) throws(SyscallError) {
    let from = descriptor.rawValue
    let to = place.rawValue
    try syscall("move_mount") { clinux_move_mount(from, "", to, "", 0x4 | 0x40) }
  }

  /// `move_mount(2)` onto a path.
  public borrowing func attach(to path: String) throws(SyscallError) {
    let from = descriptor.rawValue
    try syscall("move_mount", on: path) { clinux_move_mount(from, "", AT_FDCWD, path, 0x4 | 0x10) }
  }
}

extension FileDescriptor {
  /// `mount_setattr(2)` on the mount that this descriptor is the root of.
  public borrowing func changeMount(
    set: MountAttributes = [], clear: MountAttributes = [], propagation: Propagation = .unchanged,
    recursive: Bool = false
  ) throws(SyscallError) {
    let raw = rawValue
    try syscall("mount_setattr") {
      clinux_mount_setattr(
        raw, "", 0x1000 | (recursive ? 0x8000 : 0), set.rawValue, clear.rawValue, propagation.rawValue, 0)
    }
  }
}
