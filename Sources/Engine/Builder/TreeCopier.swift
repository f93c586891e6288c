import EngineErrors
import Linux
import PathPatterns

/// Copies from a source tree into a layer. Every call blocks.
final class TreeCopier {
  private let source: SourceTree
  private let layer: LayerWriter
  private let excludes: PathPatterns
  private let root: FileDescriptor

  init(source: SourceTree, layer: LayerWriter, excludes: PathPatterns) throws {
    self.source = source
    self.layer = layer
    self.excludes = excludes
    root = try FileDescriptor.open(source.path, [.directory])
  }

  /// Copies what stands at `path`, links followed: a directory's contents into `destination`, a file to it, or into it
  /// where it is a directory or `intoDirectory` says that it shall be one. `destination` is canonical.
  func copy(_ path: String, to destination: String, intoDirectory: Bool) throws {
    let top = try root.open(inside: path.isEmpty ? "." : path, [.path])
    let status = try top.status()
    guard status.kind == .directory else {
      let inside = try intoDirectory || layer.isDirectory(destination)
      let target = inside ? try layer.canonical("\(destination)/\(SlashPath.base(path))") : destination
      let directory = try open(SlashPath.directory(try realPath(path)))
      return try copyEntry(SlashPath.base(try realPath(path)), of: directory, status, to: target)
    }
    if try layer.status(destination) == nil {
      try layer.makeDirectory(SlashPath.directory(destination))
      try layer.writeDirectory(
        destination, mode: status.permissions, owner: owner(of: status), modified: status.modified)
    } else {
      try layer.makeDirectory(destination)
    }
    try copyContents(of: try open(path), to: destination, relative: "", covered: nil, depth: 0)
  }

  private func open(_ path: String) throws -> FileDescriptor {
    try root.open(inside: path.isEmpty ? "." : path, [.directory])
  }

  /// The path of the source with its last links followed.
  private func realPath(_ path: String) throws -> String {
    var path = path
    for _ in 0..<40 {
      let entry = try root.open(inside: path, [.path, .noFollow])
      guard try entry.status().kind == .symbolicLink else { return path }
      let target = try entry.readLink()
      path = String(SlashPath.join("/" + SlashPath.directory(path), target).dropFirst())
    }
    throw SyscallError(call: "openat2", subject: path, errno: .tooManySymbolicLinks)
  }

  private func copyContents(
    of directory: borrowing FileDescriptor, to destination: String, relative: String,
    covered: PathPatterns.Covered?,
    depth: Int
  ) throws {
    guard depth < 256 else {
      throw EngineError(.invalidArgument, "directories are nested too deeply: \(relative)")
    }
    for name in try directory.entries().map(\.name).sorted() {
      try Task.checkCancellation()
      let below = relative.isEmpty ? name : "\(relative)/\(name)"
      let (deciding, inherited) = excludes.walk(below, below: covered)
      let status = try directory.status(of: name)
      if deciding != nil, status.kind != .directory || !excludes.takesBack { continue }
      let target = destination == "/" ? "/\(name)" : "\(destination)/\(name)"
      if status.kind == .directory {
        let child = try directory.open(at: name, [.directory, .noFollow])
        if deciding == nil {
          try layer.writeDirectory(
            target, mode: status.permissions, owner: owner(of: status), modified: status.modified)
        }
        try copyContents(of: child, to: target, relative: below, covered: inherited, depth: depth + 1)
      } else {
        try copyEntry(name, of: directory, status, to: target)
      }
    }
  }

  private func copyEntry(
    _ name: String, of directory: borrowing FileDescriptor, _ status: FileStatus, to target: String
  ) throws {
    switch status.kind {
    case .symbolicLink:
      try layer.writeLink(
        target, to: try directory.readLink(name), owner: owner(of: status), modified: status.modified)
    case .regular:
      let file = try directory.open(at: name, [.readOnly, .noFollow])
      let copy = try layer.createFile(target)
      try Self.copyContents(of: file, to: copy)
      try layer.complete(copy, mode: status.permissions, owner: owner(of: status), modified: status.modified)
      // Last, because a change of owner takes capabilities away.
      if source.keepsOwners { try Self.copyAttributes(of: file, to: copy) }
    case .characterDevice, .blockDevice, .fifo:
      try layer.writeNode(
        target, kind: status.mode & 0o170000, mode: status.permissions, device: status.deviceNumber,
        owner: owner(of: status), modified: status.modified)
    // A socket means nothing without its process.
    case .socket, .unknown, .directory: break
    }
  }

  private func owner(of status: FileStatus) -> FileOwner {
    source.keepsOwners ? FileOwner(uid: status.uid, gid: status.gid) : .root
  }

  /// What the file system keeps beside the contents, without overlayfs' own notes.
  private static func copyAttributes(of file: borrowing FileDescriptor, to copy: borrowing FileDescriptor)
    throws
  {
    for name in try file.attributeNames() where name.hasPrefix("user.") || name == "security.capability" {
      if let value = try file.attribute(name) { try copy.setAttribute(name, value) }
    }
  }

  /// In the kernel where it can, through this process where it cannot.
  static func copyContents(of file: borrowing FileDescriptor, to copy: borrowing FileDescriptor) throws {
    if try copyInKernel(file, to: copy) { return }
    while true {
      let bytes = try file.read(upTo: 1 << 18)
      if bytes.isEmpty { return }
      try copy.write(bytes)
    }
  }

  private static func copyInKernel(
    _ file: borrowing FileDescriptor, to copy: borrowing FileDescriptor
  ) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      while try file.copyRange(to: copy, count: 1 << 30) > 0 {}
      return true
    } catch {
      let unable: [Errno] = [.crossDevice, .invalidArgument, .notSupported, .noSuchCall]
      if unable.contains(error.errno) { return false }
      throw error
    }
  }
}
