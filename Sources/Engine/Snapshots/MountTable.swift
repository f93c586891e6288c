import Linux

/// The link `/etc/mtab` that every container has, whatever its image has there: programs look for the mounts in that file.
/// As `/.dockerenv` it is no change of the container's, and no image that is made of it has it.
enum MountTable {
  static let path = Array("etc/mtab".utf8)
  private static let name = PathBytes(Array("mtab".utf8))
  private static let directory = PathBytes(Array("etc".utf8))
  private static let target = Array("/proc/mounts".utf8)

  /// What the layers have at its place.
  private enum Place {
    /// Nothing, or a directory that it can stand in.
    case free(OpenDirectory?)
    /// The link itself, or what may not be replaced.
    case taken
  }

  /// Puts it into a writable directory that will stand on layers, the topmost first.
  static func add(to upper: String, above layers: [String]) throws(SyscallError) {
    guard case .free(let model) = try place(in: layers) else { return }
    let root = try FileDescriptor.open(upper, .directory)
    try root.makeDirectory(directory, mode: 0o755)
    let made = try root.open(at: directory, .directory)
    try made.makeSymbolicLink(name, to: PathBytes(target))
    guard let model else { return try RootLook.plain.apply(to: made) }
    try look(like: model.descriptor, made)
  }

  static func isLink(
    _ name: PathBytes, _ path: [UInt8], _ status: FileStatus, in directory: borrowing FileDescriptor
  ) throws(SyscallError) -> Bool {
    guard path == Self.path, status.kind == .symbolicLink else { return false }
    return try directory.readLink(name) == target
  }

  /// The topmost layer that knows a name decides.
  private static func place(in layers: [String]) throws(SyscallError) -> Place {
    var model: OpenDirectory?
    for layer in layers {
      let root = try FileDescriptor.open(layer, [.path, .directory])
      guard let status = try status(of: directory, in: root) else { continue }
      if Overlay.isWhiteout(status) { break }
      // A link, or a file: dockerd deletes it, and the image is of no use.
      guard status.kind == .directory else { return model == nil ? .taken : .free(model) }
      let found = OpenDirectory(try root.open(at: directory, .directory))
      if model == nil { model = found }
      if let status = try Self.status(of: name, in: found.descriptor) {
        if status.kind == .directory { return .taken }
        return try isLink(name, path, status, in: found.descriptor) ? .taken : .free(model)
      }
      if try found.descriptor.attribute(Overlay.opaque) != nil { break }
    }
    return .free(model)
  }

  /// Nil where there is nothing of that name.
  private static func status(
    of name: PathBytes, in directory: borrowing FileDescriptor
  ) throws(SyscallError) -> FileStatus? {
    do throws(SyscallError) { return try directory.status(of: name) } catch {
      guard error.errno == .noSuchFile else { throw error }
      return nil
    }
  }

  /// As overlayfs does when it copies a directory up.
  private static func look(
    like model: borrowing FileDescriptor, _ made: borrowing FileDescriptor
  ) throws(SyscallError) {
    let status = try model.status()
    try RootLook(status).apply(to: made)
    for attribute in try model.attributeNames() where !attribute.hasPrefix(Overlay.privatePrefix) {
      if let value = try model.attribute(attribute) { try made.setAttribute(attribute, value) }
    }
    try made.changeTimes(accessed: status.modified, modified: status.modified)
  }
}
