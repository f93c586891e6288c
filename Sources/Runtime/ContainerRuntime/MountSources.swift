import Linux
import OCISpec

/// Where the bind mounts of a bundle come from.
struct MountSources {
  let bundlePath: String
  /// Directories that a source must not leave, by the source's path.
  let confined: [String: String]

  init(_ bundlePath: String, _ options: Container.Options) {
    self.bundlePath = bundlePath
    confined = options.confinedSources
  }

  /// The tree at a mount's source. The way from the directory that confines it is walked here and now, by one call of the
  /// kernel: nobody can lay a link into it between a look and the mount.
  func open(_ mount: Bundle.Mount, recursive: Bool) throws(SyscallError) -> DetachedMount {
    let path = mount.absoluteSource(bundlePath)
    guard let directory = confined[path] else {
      if let (pid, inside) = Self.foreign(path) {
        return try DetachedMount.copy(of: inside, seenBy: pid, recursive: recursive)
      }
      return try DetachedMount.copy(of: path, recursive: recursive)
    }
    let inner = path.dropFirst(directory.count).drop { $0 == "/" }
    let root = try FileDescriptor.open(directory, [.path, .directory])
    let place = try root.open(
      inside: inner.isEmpty ? "." : String(inner), .path, resolve: [.beneath, .noSymbolicLinks])
    return try DetachedMount.copy(of: place, recursive: recursive)
  }

  /// `/proc/PID/root/PATH` is the path of another process; the kernel lets nobody mount it from outside of that one's
  /// mount namespace.
  static func foreign(_ path: String) -> (pid: Int32, inside: String)? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 4, parts[0].isEmpty, parts[1] == "proc", let pid = Int32(parts[2]), pid > 0,
      parts[3] == "root", !parts.contains("..")
    else { return nil }
    return (pid, "/" + parts[4...].joined(separator: "/"))
  }
}
