import EngineErrors
import Linux
import PathPatterns

/// Writes the files of a COPY, ADD or WORKDIR straight into a new layer's directory, seeing the image below it: links
/// of the image are followed inside the image only, and directories that exist there keep their modes and owners.
/// Every call blocks.
final class LayerWriter {
  /// The image's files below the new layer.
  private let image: FileDescriptor
  private let layer: FileDescriptor
  private var directoryTimes: [(path: String, time: FileTime)] = []
  private let owner: FileOwner?
  private let mode: ModeChange?
  /// Directories that are in the layer.
  private var made: Set<String> = ["/", ""]
  /// Nothing was written yet.
  private(set) var isEmpty = true

  /// `owner` nil keeps each file's own owner.
  init(image: String, layer: String, owner: FileOwner?, mode: ModeChange?) throws {
    self.image = try FileDescriptor.open(image, [.directory])
    self.layer = try FileDescriptor.open(layer, [.directory])
    self.owner = owner
    self.mode = mode
  }

  /// What the image with the new layer shows at a path that holds no links.
  func status(_ path: String) throws -> FileStatus? {
    if let new = try layer.statusInside(path) { return new }
    return try image.statusInside(path)
  }

  private func link(_ path: String) throws -> String {
    if try layer.statusInside(path) != nil {
      return try layer.open(inside: path, [.path, .noFollow]).readLink()
    }
    return try image.open(inside: path, [.path, .noFollow]).readLink()
  }

  /// `path` from the root, with every link on it and at its end replaced; what does not exist stands as written.
  func canonical(_ path: String) throws -> String {
    var open = Array(path.split(separator: "/").map(String.init).reversed())
    var done: [String] = []
    var links = 0
    while let element = open.popLast() {
      if element == "." { continue }
      if element == ".." {
        _ = done.popLast()
        continue
      }
      let here = "/" + (done + [element]).joined(separator: "/")
      guard let status = try status(here), status.kind == .symbolicLink else {
        done.append(element)
        continue
      }
      links += 1
      guard links <= 40 else {
        throw SyscallError(call: "openat2", subject: path, errno: .tooManySymbolicLinks)
      }
      let target = try link(here)
      if target.hasPrefix("/") { done = [] }
      open += target.split(separator: "/").map(String.init).reversed()
    }
    return "/" + done.joined(separator: "/")
  }

  func isDirectory(_ path: String) throws -> Bool { try status(path)?.kind == .directory }

  /// Makes the directory and its parents in the layer. Those of the image keep what they are; new ones get `mode`.
  func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws {
    if made.contains(path) { return }
    var here = ""
    for element in path.split(separator: "/") {
      let (parent, name) = (here, String(element))
      here += "/\(element)"
      if let present = try statusInLayer(here) {
        guard present.kind == .directory else {
          throw SyscallError(call: "mkdirat", subject: here, errno: .notADirectory)
        }
        continue
      }
      let directory = try openInLayer(parent)
      if let original = try status(here) {
        guard original.kind == .directory else {
          throw SyscallError(call: "mkdirat", subject: here, errno: .notADirectory)
        }
        try copyUp(here, original, as: name, in: directory)
      } else {
        isEmpty = false
        try directory.makeDirectory(name, mode: mode)
        try directory.changeMode(name, mode)
        if let owner { try directory.changeOwner(name, uid: owner.uid, gid: owner.gid) }
      }
    }
    made.insert(path)
  }

  /// A directory of the image appears in the layer as it is.
  private func copyUp(
    _ path: String, _ original: FileStatus, as name: String, in directory: borrowing FileDescriptor
  ) throws {
    try directory.makeDirectory(name, mode: original.permissions)
    try directory.changeOwner(name, uid: original.uid, gid: original.gid)
    try directory.changeMode(name, original.permissions)
    directoryTimes.append((path, original.modified))
  }

  private func statusInLayer(_ path: String) throws -> FileStatus? { try layer.statusInside(path) }

  private func openInLayer(_ path: String) throws -> FileDescriptor {
    try layer.directoryInside(path)
  }

  /// Makes room for `path` in the layer and opens the directory that will hold it.
  private func place(_ path: String) throws -> Place {
    let parent = SlashPath.directory(path)
    try makeDirectory(parent)
    isEmpty = false
    let directory = try openInLayer(parent)
    let name = SlashPath.base(path)
    if try directory.clear(name) { made = ["/", ""] }
    return Place(directory: directory, name: name)
  }

  /// Makes an empty regular file, to be filled and then completed.
  func createFile(_ path: String) throws -> FileDescriptor {
    let place = try place(path)
    return try place.directory.open(
      at: place.name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
  }

  /// Gives a file its attributes once its contents are there.
  func complete(
    _ file: borrowing FileDescriptor, mode permissions: UInt32, owner original: FileOwner, modified: FileTime
  ) throws {
    let owner = self.owner ?? original
    if owner != .root { try file.changeOwner(uid: owner.uid, gid: owner.gid) }
    try file.changeMode(mode?.applied(to: permissions, isDirectory: false) ?? permissions)
    try file.changeTimes(accessed: modified, modified: modified)
  }

  func writeLink(_ path: String, to target: String, owner original: FileOwner, modified: FileTime) throws {
    let place = try place(path)
    try place.directory.makeSymbolicLink(place.name, to: target)
    let owner = self.owner ?? original
    if owner != .root { try place.directory.changeOwner(place.name, uid: owner.uid, gid: owner.gid) }
    try place.directory.changeTimes(place.name, accessed: modified, modified: modified)
  }

  /// Gives `path` the other name `link`; both in the layer.
  func writeHardLink(_ link: String, to path: String) throws {
    let place = try place(link)
    let existing = try openInLayer(SlashPath.directory(path))
    try place.directory.makeLink(place.name, to: SlashPath.base(path), in: existing)
  }

  func writeNode(
    _ path: String, kind: UInt32, mode: UInt32, device: DeviceNumber, owner: FileOwner, modified: FileTime
  ) throws {
    let place = try place(path)
    try place.directory.makeNode(place.name, mode: kind | mode, device: device)
    try place.directory.changeOwner(place.name, uid: owner.uid, gid: owner.gid)
    try place.directory.changeMode(place.name, mode)
    try place.directory.changeTimes(place.name, accessed: modified, modified: modified)
  }

  /// Makes a directory with the attributes of its source.
  func writeDirectory(_ path: String, mode permissions: UInt32, owner original: FileOwner, modified: FileTime)
    throws
  {
    if path == "/" { return }
    try makeDirectory(SlashPath.directory(path))
    isEmpty = false
    let directory = try openInLayer(SlashPath.directory(path))
    let name = SlashPath.base(path)
    try directory.ensureDirectory(name, mode: permissions)
    made.insert(path)
    let owner = self.owner ?? original
    try directory.changeOwner(name, uid: owner.uid, gid: owner.gid)
    try directory.changeMode(name, mode?.applied(to: permissions, isDirectory: true) ?? permissions)
    directoryTimes.append((path, modified))
  }

  /// Sets the times of directories, which writing into them has changed.
  func finish() throws {
    for (path, time) in directoryTimes.reversed() {
      // It may have been replaced by another kind of file since.
      guard let directory = try? layer.open(inside: path, [.directory]) else { continue }
      try directory.changeTimes(accessed: time, modified: time)
    }
    directoryTimes = []
  }
}

/// Who owns a file.
struct FileOwner: Hashable, Sendable {
  var uid: UInt32
  var gid: UInt32
  static let root = FileOwner(uid: 0, gid: 0)
}
