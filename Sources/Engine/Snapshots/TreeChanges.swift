import Linux

/// Compares a container's writable directory with the layers it stands on.
struct TreeChanges {
  private let upper: String
  private let lower: [OpenDirectory]
  private let mountPoints: Set<[UInt8]>

  /// `lower` are names in `layers`, the topmost first.
  init(upper: String, lower: [String], in layers: String, mountPoints: MountPoints) throws {
    self.mountPoints = mountPoints.paths
    self.upper = upper
    self.lower = try lower.map { OpenDirectory(try .open("\(layers)/\($0)", .directory)) }
  }

  /// What is found on the way.
  private struct Findings {
    var changes: [(path: String, kind: Int)] = []
    var bare: Set<[UInt8]> = []
  }

  /// Parents before children, by name.
  func all() throws -> [(path: String, kind: Int)] { try findings().changes }

  /// The directories, without a slash before them, in which there is nothing but mount points, and that nobody has changed
  /// otherwise.
  func bareDirectories() throws -> Set<[UInt8]> { try findings().bare }

  private func findings() throws -> Findings {
    var found = Findings()
    try compare(FileDescriptor.open(upper, .directory), [], below: lower, &found)
    return found
  }

  private func compare(
    _ directory: borrowing FileDescriptor, _ prefix: [UInt8], below: [OpenDirectory],
    _ found: inout Findings
  ) throws {
    for (name, _) in try directory.sortedNames() {
      let path = prefix + [UInt8(ascii: "/")] + name.bytes
      let text = String(decoding: path, as: UTF8.self)
      let status = try directory.status(of: name)
      if Overlay.isWhiteout(status) {
        found.changes.append((text, 2))
        continue
      }
      let isNew = !isBelow(path)
      let inside = Array(path.dropFirst())
      if mountPoints.contains(inside) {
        if try MountTable.isLink(name, inside, status, in: directory) { continue }
        if isNew, try directory.isEmpty(name, status) { continue }
      }
      guard status.kind == .directory else {
        found.changes.append((text, isNew ? 1 : 0))
        continue
      }
      let inner = try directory.open(at: name, .directory)
      let isOpaque = try inner.attribute(Overlay.opaque) != nil
      let count = found.changes.count
      found.changes.append((text, isNew ? 1 : 0))
      try compare(inner, path, below: isOpaque ? [] : below, &found)
      let isBare = found.changes.count == count + 1
      guard isBare, try holdsMountPoints(inner, path) else { continue }
      // Only mount points were made in it, or it was made for them: nobody has changed it.
      if isNew ? RootLook(status) == .plain : !isOpaque && isSame(status, path) {
        found.changes.removeLast()
        found.bare.insert(inside)
      }
    }
  }

  private func holdsMountPoints(_ directory: borrowing FileDescriptor, _ path: [UInt8]) throws -> Bool {
    try directory.sortedNames().contains { name, _ in
      mountPoints.contains(Array(path.dropFirst()) + [UInt8(ascii: "/")] + name.bytes)
    }
  }

  /// Whether a directory has the owner and the mode that the topmost layer gives it.
  private func isSame(_ status: FileStatus, _ path: [UInt8]) -> Bool {
    for layer in lower {
      // A layer that cannot walk the path does not have it.
      guard let below = try? layer.descriptor.open(inside: PathBytes(path), [.path, .directory]).status()
      else {
        continue
      }
      return below.permissions == status.permissions && below.uid == status.uid && below.gid == status.gid
    }
    return false
  }

  /// Whether one of the layers shows something under that path: the topmost that knows the name decides.
  private func isBelow(_ path: [UInt8]) -> Bool {
    for layer in lower {
      // A layer that cannot walk the path does not have it.
      guard let parent = try? layer.descriptor.open(inside: PathBytes(parentOf(path)), [.path, .directory])
      else { continue }
      guard let status = try? parent.status(of: PathBytes(nameOf(path))) else { continue }
      return !Overlay.isWhiteout(status)
    }
    return false
  }

  private func parentOf(_ path: [UInt8]) -> [UInt8] {
    let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? 0
    return slash == 0 ? [UInt8(ascii: "/")] : Array(path[..<slash])
  }

  private func nameOf(_ path: [UInt8]) -> ArraySlice<UInt8> {
    path[((path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]
  }
}
