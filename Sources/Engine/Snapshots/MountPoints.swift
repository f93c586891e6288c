import Linux

/// Where a container's runtime mounts something: what it makes there, empty, to mount upon is no change of the container's,
/// nor is the link at `/etc/mtab`.
public struct MountPoints: Sendable {
  let paths: Set<[UInt8]>

  /// Absolute paths in the container.
  public init(_ paths: some Sequence<String>) {
    self.paths = Set(
      paths.map { path in
        Array(path.split(separator: "/").filter { $0 != "." }.joined(separator: "/").utf8)
      })
  }

  /// What every container gets, and `own` besides.
  public static func container(_ own: some Sequence<String>) -> MountPoints {
    MountPoints(
      [
        "/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/.dockerenv",
        "/etc/mtab",
        "/sbin/docker-init", "/usr/sbin/docker-init",
      ] + Array(own)
    )
  }
}

extension FileDescriptor {
  /// Whether the entry is an empty file or directory.
  borrowing func isEmpty(_ name: PathBytes, _ status: FileStatus) throws(SyscallError) -> Bool {
    switch status.kind {
    case .regular: status.size == 0
    case .directory: try open(at: name, .directory).sortedNames().isEmpty
    default: false
    }
  }
}
