import Linux

/// An open directory and a name in it.
struct Place: ~Copyable {
  let directory: FileDescriptor
  let name: String
}

/// A descriptor for closures, which cannot hold one that is not copyable.
final class OpenFile {
  let descriptor: FileDescriptor
  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}

extension FileDescriptor {
  /// Makes a directory in this one; one that is there is fine, anything else there gives way.
  borrowing func ensureDirectory(_ name: String, mode: UInt32) throws {
    do throws(SyscallError) { try makeDirectory(name, mode: mode) } catch {
      guard error.errno == .fileExists else { throw error }
      if try status(of: name).kind == .directory { return }
      try remove(name)
      try makeDirectory(name, mode: mode)
    }
  }

  /// Removes whatever has that name in this directory, with everything below it; says whether it was a directory.
  @discardableResult
  borrowing func clear(_ name: String) throws -> Bool {
    do throws(SyscallError) { try remove(name) } catch {
      if error.errno == .noSuchFile { return false }
      guard error.errno == .isADirectory else { throw error }
      try Files.removeTree("\(procPath)/\(name)")
      return true
    }
    return false
  }

  /// The status of what stands at `path` with this directory as the root, a link at its end not followed; nil where
  /// nothing stands there.
  borrowing func statusInside(_ path: String, followLast: Bool = false) throws -> FileStatus? {
    let flags: OpenFlags = followLast ? [.path] : [.path, .noFollow]
    do throws(SyscallError) { return try open(inside: path.isEmpty ? "." : path, flags).status() } catch {
      if error.errno == .noSuchFile || error.errno == .notADirectory { return nil }
      throw error
    }
  }

  /// The directory at `path` with this one as the root.
  borrowing func directoryInside(_ path: String) throws(SyscallError) -> FileDescriptor {
    try open(inside: path.isEmpty ? "." : path, [.directory])
  }
}
