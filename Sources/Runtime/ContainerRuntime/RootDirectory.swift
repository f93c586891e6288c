import Linux

/// The root of a container's file system, seen from outside: no path reaches out of it, whatever links the
/// image has.
struct RootDirectory: ~Copyable {
  let descriptor: FileDescriptor

  /// The place at `path`, links followed inside the root.
  func open(_ path: String, _ flags: OpenFlags = .path) throws(SyscallError) -> FileDescriptor {
    try descriptor.open(inside: path, flags)
  }

  /// The place at `path`, which must not be a link itself.
  func openWithoutLink(_ path: String) throws(SyscallError) -> FileDescriptor {
    try descriptor.open(inside: path, [.path, .noFollow])
  }

  /// The directory at `path`, made with all its parents where it is missing.
  func directory(_ path: String, depth: Int = 0) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      return try descriptor.open(inside: path, [.path, .directory])
    } catch  where error.errno == .noSuchFile && depth < 64 {
      let (parent, name) = Self.split(path)
      let place = try directory(parent, depth: depth + 1)
      do throws(SyscallError) {
        try place.makeDirectory(name)
      } catch  where error.errno == .fileExists {
        // A link to a place that is not there yet.
        let target = try place.readLink(name)
        return try directory(target.hasPrefix("/") ? target : "\(parent)/\(target)", depth: depth + 1)
      }
      return try descriptor.open(inside: path, [.path, .directory])
    }
  }

  /// The file at `path`, made empty with all its parents where it is missing.
  func file(_ path: String) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      return try descriptor.open(inside: path, .path)
    } catch  where error.errno == .noSuchFile {
      let (parent, name) = Self.split(path)
      let place = try directory(parent)
      do throws(SyscallError) {
        _ = try place.open(at: name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644)
      } catch  where error.errno == .fileExists {
        let target = try place.readLink(name)
        return try file(target.hasPrefix("/") ? target : "\(parent)/\(target)")
      }
      return try descriptor.open(inside: path, .path)
    }
  }

  /// The parent's path and the last part of a path.
  static func split(_ path: String) -> (parent: String, name: String) {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return ("/" + parts.dropLast().joined(separator: "/"), String(parts.last ?? "."))
  }
}
