import Linux
import ShimProtocol

/// Copies what the image holds at a mount point into an empty volume: content, owners, modes, times, links and
/// extended attributes.
struct VolumeFilling {
  /// Hard links are kept among the files of one volume: the first name of each inode copied.
  private var firstNames: [UInt64: [UInt8]] = [:]
  private let top: String

  private init(top: String) { self.top = top }

  /// Fills the volume if it is empty and the image, mounted at `root`, has a directory there.
  static func fill(_ copy: CopyUp, from root: String) throws(SyscallError) {
    let image = try FileDescriptor.open(root, .directory)
    let source: FileDescriptor
    do throws(SyscallError) {
      source = try image.open(inside: copy.destination, [.readOnly, .directory])
    } catch  where error.errno == .noSuchFile || error.errno == .notADirectory {
      return
    }
    let target = try FileDescriptor.open(copy.volume, .directory)
    // Containers that start side by side may share it: the first one fills, the others wait and find it filled.
    _ = try target.lock()
    guard try target.entries().isEmpty else { return }
    var filling = VolumeFilling(top: copy.volume)
    try filling.copyEntries(of: source, to: target, path: [])
    try copyAttributes(from: source, to: target)
  }

  private mutating func copyEntries(
    of source: borrowing FileDescriptor, to target: borrowing FileDescriptor, path: [UInt8]
  ) throws(SyscallError) {
    // Deeper than any path can be named, and than this recursion may go.
    guard path.count < 4096 else {
      throw SyscallError(
        call: "openat", subject: String(decoding: path, as: UTF8.self), errno: .tooManySymbolicLinks)
    }
    for (name, _) in try source.sortedNames() {
      try copy(name, from: source, to: target, path: path + [UInt8(ascii: "/")] + name.bytes)
    }
  }

  private mutating func copy(
    _ name: PathBytes, from source: borrowing FileDescriptor, to target: borrowing FileDescriptor,
    path: [UInt8]
  ) throws(SyscallError) {
    let status = try source.status(of: name)
    if status.kind != .directory, status.links > 1 {
      if let first = firstNames[status.inode] {
        let directory = try FileDescriptor.open(top, .directory)
        return try target.makeLink(name, to: PathBytes(first.dropFirst()), in: directory)
      }
      firstNames[status.inode] = path
    }
    switch status.kind {
    case .directory:
      try target.makeDirectory(name, mode: 0o700)
      let from = try source.open(at: name, [.readOnly, .directory])
      let to = try target.open(at: name, [.readOnly, .directory])
      try copyEntries(of: from, to: to, path: path)
      try Self.copyAttributes(from: from, to: to)
    case .regular:
      let from = try source.open(at: name, .readOnly)
      let to = try target.open(at: name, [.writeOnly, .create, .exclusive], mode: 0o600)
      try Self.copyContent(from: from, to: to)
      try Self.copyAttributes(from: from, to: to)
    case .symbolicLink:
      try target.makeSymbolicLink(name, to: PathBytes(try source.readLink(name)))
      try target.changeOwner(name, uid: status.uid, gid: status.gid)
      try target.changeTimes(name, status.modified)
    case .characterDevice, .blockDevice, .fifo, .socket:
      try target.makeNode(name, mode: status.mode, device: status.deviceNumber)
      try target.changeOwner(name, uid: status.uid, gid: status.gid)
      try target.changeMode(name, status.permissions)
    case .unknown: break
    }
  }

  private static func copyContent(
    from source: borrowing FileDescriptor, to target: borrowing FileDescriptor
  ) throws(SyscallError) {
    do throws(SyscallError) {
      while try source.copyRange(to: target, count: 1 << 24) > 0 {}
    } catch
      where error.errno == .crossDevice || error.errno == .invalidArgument || error.errno == .notSupported
    {
      // The two file systems do not copy among themselves; what has been copied stands before both positions.
      while true {
        let bytes = try source.read()
        if bytes.isEmpty { return }
        try target.write(bytes)
      }
    }
  }

  /// Owner before mode, because a change of owner clears the set-user-id bit; times last.
  private static func copyAttributes(
    from source: borrowing FileDescriptor, to target: borrowing FileDescriptor
  ) throws(SyscallError) {
    let status = try source.status()
    try target.changeOwner(uid: status.uid, gid: status.gid)
    for name in try source.attributeNames() where !name.hasPrefix("trusted.overlay.") {
      guard let value = try source.attribute(name) else { continue }
      // The volume's file system may not have this kind.
      do { try target.setAttribute(name, value) } catch  where error.errno == .notSupported {}
    }
    try target.changeMode(status.permissions)
    try target.changeTimes(accessed: status.accessed, modified: status.modified)
  }
}
