import Archive
import Linux

/// A descriptor that several places hold.
final class OpenDirectory: Sendable {
  let descriptor: FileDescriptor
  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}

/// A layer's directory while it is filled from names that a stranger chose: parents are found and made without
/// ever leaving it, and kept open, because archives go directory by directory.
final class LayerRoot {
  let root: OpenDirectory
  private var parents: [[UInt8]: OpenDirectory] = [:]

  init(_ root: consuming FileDescriptor) { self.root = OpenDirectory(root) }

  /// The directory that the last of `components` shall stand in, made if it is missing.
  func parent(of components: [ArraySlice<UInt8>]) throws -> OpenDirectory {
    try directory(components.dropLast(), makeMissing: true)
  }

  /// The directory that the last of `components` stands in.
  func existingParent(of components: [ArraySlice<UInt8>]) throws -> OpenDirectory {
    try directory(components.dropLast(), makeMissing: false)
  }

  /// Forgets what is open, after a directory was removed or replaced.
  func forgetParents() { parents.removeAll(keepingCapacity: true) }

  private func directory(_ components: ArraySlice<ArraySlice<UInt8>>, makeMissing: Bool) throws
    -> OpenDirectory
  {
    if components.isEmpty { return root }
    let path = Array(components.joined(separator: [UInt8(ascii: "/")]))
    if let known = parents[path] { return known }
    let found: OpenDirectory
    do {
      found = try open(path)
    } catch let error as SyscallError where error.errno == .noSuchFile && makeMissing {
      let above = try directory(components.dropLast(), makeMissing: true)
      let name = PathBytes(components.last ?? [])
      _ = try isThere { () throws(SyscallError) in try above.descriptor.makeDirectory(name, mode: 0o755) }
      found = try open(path)
    }
    if parents.count >= 128 { forgetParents() }
    parents[path] = found
    return found
  }

  private func open(_ path: [UInt8]) throws -> OpenDirectory {
    OpenDirectory(try root.descriptor.open(inside: PathBytes(path), [.path, .directory]))
  }
}

/// Whether `make` failed because something is there already.
func isThere(_ make: () throws(SyscallError) -> Void) throws(SyscallError) -> Bool {
  do throws(SyscallError) {
    try make()
    return false
  } catch  where error.errno == .fileExists {
    return true
  }
}
