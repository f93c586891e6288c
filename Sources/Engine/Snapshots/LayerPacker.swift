import Archive
import Linux

/// Writes a directory's files as a layer's archive: sorted by name, times in whole seconds, whiteouts as `.wh.` files,
/// no user names. The same files give the same bytes.
final class LayerPacker {
  private struct Inode: Hashable {
    let device: UInt64
    let number: UInt64
  }

  private let recorder: FrameRecorder?
  private let mountPoints: Set<[UInt8]>
  private let bare: Set<[UInt8]>
  private let skipsKernelFiles: Bool
  private let observe: (UnsafeRawBufferPointer) throws -> Void
  private var writer: TarWriter
  private var seen: [Inode: [UInt8]] = [:]
  private(set) var size: Int64 = 0

  /// `observe` gets every byte of the archive. `mountPoints` are paths at which an empty file or directory is left out,
  /// `bare` directories that are left out with all that is in them.
  /// With `skipsKernelFiles` the contents of file systems that are views of the kernel are.
  init(
    recorder: FrameRecorder?, mountPoints: MountPoints = MountPoints([]), bare: Set<[UInt8]> = [],
    skipsKernelFiles: Bool = false,
    observe: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.recorder = recorder
    self.mountPoints = mountPoints.paths
    self.bare = bare
    self.skipsKernelFiles = skipsKernelFiles
    self.observe = observe
    let framing = recorder
    writer = TarWriter { bytes in
      try observe(bytes)
      try framing?.framing(bytes)
    }
  }

  /// Packs the whole directory. `plainRoot` is how the root below looks: a root that differs is written as `./`.
  func pack(_ root: borrowing FileDescriptor, plainRoot: RootLook) throws {
    let status = try root.status()
    if RootLook(status) != plainRoot {
      try writer.begin(entry(Array("./".utf8), .directory, status, try attributes(of: root)))
    }
    if try root.attribute(Overlay.opaque) == [UInt8(ascii: "y")] { try writer.begin(marker(Whiteout.opaque)) }
    try packContents(of: root, prefix: [])
    try writer.finish()
  }

  /// Packs one entry of a directory, under a path of the caller's choice, with everything below it.
  func pack(_ name: PathBytes, as path: [UInt8], in directory: borrowing FileDescriptor) throws {
    try packEntry(name, path, [], in: directory)
    try writer.finish()
  }

  /// Packs a directory that has no name of its own: it is `name`, and `prefix` stands before the names below it.
  func packRoot(_ root: borrowing FileDescriptor, as name: String, prefix: String) throws {
    try writer.begin(entry(Array(name.utf8), .directory, try root.status(), try attributes(of: root)))
    try packContents(of: root, prefix: Array(prefix.utf8))
    try writer.finish()
  }

  private func packContents(of directory: borrowing FileDescriptor, prefix: [UInt8]) throws {
    for (name, _) in try directory.sortedNames() {
      let path = prefix + name.bytes
      do {
        try packEntry(name, path, prefix, in: directory)
      } catch let error as SyscallError where error.errno == .noSuchFile {
        // A container that still runs may remove a file between the listing and the look at it.
        continue
      }
    }
  }

  private func packEntry(
    _ name: PathBytes, _ path: [UInt8], _ prefix: [UInt8], in directory: borrowing FileDescriptor
  ) throws {
    let status = try directory.status(of: name)
    if bare.contains(path) { return }
    if mountPoints.contains(path) {
      if try directory.isEmpty(name, status) { return }
      if try MountTable.isLink(name, path, status, in: directory) { return }
    }
    switch status.kind {
    case .directory: try packDirectory(name, path + [UInt8(ascii: "/")], in: directory)
    case .regular: try packFile(name, path, status, in: directory)
    case .symbolicLink:
      try writer.begin(entry(path, .symbolicLink(target: try directory.readLink(name)), status, []))
    case .characterDevice where Overlay.isWhiteout(status):
      try writer.begin(marker(prefix + Whiteout.prefix + name.bytes))
    case .characterDevice:
      let device = status.deviceNumber
      try writer.begin(entry(path, .characterDevice(major: device.major, minor: device.minor), status, []))
    case .blockDevice:
      let device = status.deviceNumber
      try writer.begin(entry(path, .blockDevice(major: device.major, minor: device.minor), status, []))
    case .fifo: try writer.begin(entry(path, .fifo, status, []))
    // A socket means nothing without the process that listens on it, and tar has no word for it.
    case .socket, .unknown: break
    }
  }

  private func packDirectory(_ name: PathBytes, _ path: [UInt8], in parent: borrowing FileDescriptor) throws {
    let directory = try parent.open(at: name, .directory)
    try writer.begin(entry(path, .directory, try directory.status(), try attributes(of: directory)))
    if try directory.attribute(Overlay.opaque) == [UInt8(ascii: "y")] {
      try writer.begin(marker(path + Whiteout.opaque))
    }
    if skipsKernelFiles, try isKernelView(directory, path) { return }
    try packContents(of: directory, prefix: path)
  }

  private func isKernelView(_ directory: borrowing FileDescriptor, _ path: [UInt8]) throws -> Bool {
    let type = try directory.fileSystem().type
    if type == FileSystemStatus.tmpfs { return path == Array("/dev/".utf8) || path == Array("./dev/".utf8) }
    return [FileSystemStatus.proc, FileSystemStatus.sysfs, FileSystemStatus.cgroup2].contains(type)
  }

  private func packFile(
    _ name: PathBytes, _ path: [UInt8], _ status: FileStatus, in directory: borrowing FileDescriptor
  ) throws {
    let inode = Inode(device: status.device.rawValue, number: status.inode)
    if status.links > 1 {
      if let first = seen[inode] {
        return try writer.begin(entry(path, .hardLink(target: first), status, []))
      }
      seen[inode] = path
    }
    let file = try directory.open(at: name, [.readOnly, .nonBlocking])
    var entry = entry(path, .file, status, try attributes(of: file))
    entry.size = UInt64(status.size)
    try writer.begin(entry)
    guard status.size > 0 else { return }
    size += status.size
    try recorder?.contents(of: path, size: entry.size)
    try copy(file, path, count: entry.size)
  }

  /// Contents bypass the writer's sink, because the frame leaves them out.
  private func copy(_ file: borrowing FileDescriptor, _ path: [UInt8], count: UInt64) throws {
    var left = count
    while left > 0 {
      let bytes = try file.read(upTo: Int(min(left, 1 << 18)))
      guard !bytes.isEmpty else {
        throw UnpackError.notRepresentable(
          String(decoding: path, as: UTF8.self), "the file shrank while it was read")
      }
      left -= UInt64(bytes.count)
      try bytes.withUnsafeBytes(observe)
    }
    writer.skipContents()
  }

  private func attributes(of file: borrowing FileDescriptor) throws -> [TarAttribute] {
    var attributes: [TarAttribute] = []
    for name in try file.attributeNames() {
      if Overlay.foreign.contains(name) {
        throw UnpackError.notRepresentable(
          "overlay", "mounted with redirect_dir or metacopy, its files are not all here")
      }
      guard name == "security.capability" || name.hasPrefix("user.") || name.hasPrefix("system.posix_acl")
      else { continue }
      if let value = try file.attribute(name) { attributes.append(TarAttribute(name: name, value: value)) }
    }
    return attributes
  }

  private func marker(_ path: [UInt8]) -> TarEntry { TarEntry(path: path, kind: .file, mode: 0o600) }

  private func entry(
    _ path: [UInt8], _ kind: TarEntry.Kind, _ status: FileStatus, _ attributes: [TarAttribute]
  ) -> TarEntry {
    TarEntry(
      path: path, kind: kind, mode: status.permissions, uid: status.uid, gid: status.gid,
      modified: TarTime(seconds: status.modified.seconds), attributes: attributes)
  }
}

/// What one sees of a layer's root directory in a container.
struct RootLook: Equatable {
  let mode: UInt32
  let uid: UInt32
  let gid: UInt32

  static let plain = RootLook(mode: 0o755, uid: 0, gid: 0)

  init(mode: UInt32, uid: UInt32, gid: UInt32) {
    self.mode = mode
    self.uid = uid
    self.gid = gid
  }

  init(_ status: FileStatus) { self.init(mode: status.permissions, uid: status.uid, gid: status.gid) }

  /// Makes another root look the same.
  func apply(to root: borrowing FileDescriptor) throws(SyscallError) {
    if uid != 0 || gid != 0 { try root.changeOwner(uid: uid, gid: gid) }
    try root.changeMode(mode)
  }
}
