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

  /// As `file`, and no part of the path is a link: for what the runtime itself puts over a file, so that no
  /// image decides which file that is.
  func plainFile(_ path: String) throws(SyscallError) -> FileDescriptor {
    let (parent, name) = Self.split(path)
    let place = try plainDirectory(parent)
    do throws(SyscallError) {
      _ = try place.open(at: name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644)
    } catch {
      guard error.errno == .fileExists else { throw error }
    }
    return try descriptor.open(inside: path, .path, resolve: [.inRoot, .noSymbolicLinks])
  }

  /// As `directory`, and no part of the path is a link.
  func plainDirectory(_ path: String) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) { return try place(path) } catch {
      guard error.errno == .noSuchFile else { throw error }
      return try directory(path)
    }
  }

  private func place(_ path: String) throws(SyscallError) -> FileDescriptor {
    try descriptor.open(inside: path, [.path, .directory], resolve: [.inRoot, .noSymbolicLinks])
  }

  /// Where the runtime makes devices there must be a directory, not a link to another.
  func checkDevices() throws(RuntimeError) {
    let found = try step("look at /dev") { () throws(SyscallError) in
      do throws(SyscallError) { return try openWithoutLink("/dev").status().kind } catch {
        guard error.errno == .noSuchFile else { throw error }
        return .directory
      }
    }
    guard found == .directory else {
      throw RuntimeError(.failed, "make the devices: /dev of the root file system is not a directory")
    }
  }

  /// The parent's path and the last part of a path.
  static func split(_ path: String) -> (parent: String, name: String) {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return ("/" + parts.dropLast().joined(separator: "/"), String(parts.last ?? "."))
  }
}
