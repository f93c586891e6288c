import Archive
import Linux

/// Turns a layer's archive into files below one directory. The archive may be hostile: every path is walked by
/// `openat2` within the directory, and nothing that overlayfs would take for its own marks gets in.
///
/// A plain file of root costs openat, write, utimensat and close; 26,000 entries spend their time in the kernel.
final class LayerUnpacker {
  private let tree: LayerRoot
  private let mask: UInt32
  private let recorder: FrameRecorder?
  private let kept: KeptFiles?
  private let start: [ArraySlice<UInt8>]
  private let keepsKinds: Bool
  /// Which contents record of the frame each file's path stands for.
  private var records: [[UInt8]: Int] = [:]
  private var recordCount = 0
  /// Directories get their times last, since filling them changes those; and their set-group-id bit, which would be inherited.
  private var directories: [(components: [ArraySlice<UInt8>], mode: UInt32?, time: FileTime)] = []
  private(set) var size: Int64 = 0
  /// Whether something that had come earlier was replaced.
  private(set) var hasReplaced = false

  /// Unpacks a layer. `mask` is the process's umask.
  init(into root: consuming FileDescriptor, mask: UInt32, recorder: FrameRecorder?, kept: KeptFiles) {
    tree = LayerRoot(root)
    self.mask = mask
    self.recorder = recorder
    self.kept = kept
    start = []
    keepsKinds = false
  }

  /// Unpacks any archive into the directory `place` below the root: `.wh.` means nothing there.
  init(into root: consuming FileDescriptor, mask: UInt32, place: [[UInt8]], keepingKinds: Bool) {
    tree = LayerRoot(root)
    self.mask = mask
    recorder = nil
    kept = nil
    start = place.map { $0[...] }
    keepsKinds = keepingKinds
  }

  /// Unpacks everything, up to the source's end.
  func unpack(_ source: any ByteSource) throws {
    let recorder = recorder
    let reader = TarReader(source, framing: recorder.map { recorder in { try recorder.framing($0) } })
    while let entry = try reader.next() {
      do {
        try unpack(entry, reader)
      } catch let error as SyscallError {
        throw UnpackError.failed(entry.pathText, error)
      }
    }
    try finishDirectories()
  }

  private func unpack(_ entry: TarEntry, _ reader: TarReader) throws {
    let inner = entry.components
    let components = start + inner
    if inner.contains([UInt8(ascii: "."), UInt8(ascii: ".")]) {
      throw UnpackError.outside(entry.pathText)
    }
    guard let last = inner.last else { return start.isEmpty && kept != nil ? try unpackRoot(entry) : () }
    if kept != nil, last.starts(with: Whiteout.prefix) { return try unpackWhiteout(last, components) }
    let place = Place(name: PathBytes(last), parent: try tree.parent(of: components), components: components)
    switch entry.kind {
    case .file: try unpackFile(entry, place, reader)
    case .directory: try unpackDirectory(entry, place)
    case .hardLink(let target): try unpackHardLink(entry, place, target)
    case .symbolicLink(let target):
      try replacing(place) { () throws(SyscallError) in
        try place.parent.descriptor.makeSymbolicLink(place.name, to: PathBytes(target))
      }
      try finish(entry, place)
    case .characterDevice(0, 0):
      throw UnpackError.notRepresentable(entry.pathText, "a character device 0/0 cannot be kept in a layer")
    case .characterDevice(let major, let minor):
      try makeNode(entry, 0o020000, DeviceNumber(major: major, minor: minor), place)
    case .blockDevice(let major, let minor):
      try makeNode(entry, 0o060000, DeviceNumber(major: major, minor: minor), place)
    case .fifo: try makeNode(entry, 0o010000, DeviceNumber(rawValue: 0), place)
    }
  }

  // MARK: kinds

  private func unpackFile(
    _ entry: TarEntry, _ place: Place,
    _ reader: TarReader
  ) throws {
    let file = try create(place, mode: entry.mode & 0o777)
    if entry.size > 0 {
      try recorder?.contents(of: place.path, size: entry.size)
      if kept != nil {
        recordCount += 1
        records[place.path] = recordCount
      }
      try reader.contents { try file.writeAll($0) }
      size += Int64(entry.size)
    }
    let isRoot = entry.uid == 0 && entry.gid == 0
    if !isRoot { try file.changeOwner(uid: entry.uid, gid: entry.gid) }
    // Changing the owner clears set-user-id, so the mode comes after.
    if entry.mode & (mask | 0o7000) != 0 { try file.changeMode(entry.mode) }
    try set(entry.attributes.filter(isAllowed), on: file)
    let time = FileTime(entry.modified)
    try file.changeTimes(accessed: time, modified: time)
  }

  private func create(_ place: Place, mode: UInt32) throws -> FileDescriptor {
    if let file = try place.parent.descriptor.create(place.name, mode: mode) { return file }
    try removeExisting(place)
    return try place.parent.descriptor.open(at: place.name, [.writeOnly, .create, .exclusive], mode: mode)
  }

  private func unpackDirectory(
    _ entry: TarEntry, _ place: Place
  ) throws {
    var hidesLower = false
    var isNew = true
    let mode = 0o777 & entry.mode | 0o700
    if try isThere({ () throws(SyscallError) in
      try place.parent.descriptor.makeDirectory(place.name, mode: mode)
    }) {
      let there = try place.parent.descriptor.status(of: place.name)
      isNew = there.kind != .directory
      if isNew && keepsKinds {
        throw UnpackError.otherKind("cannot overwrite non-directory", place.text, "with directory")
      }
      if isNew {
        hidesLower = Overlay.isWhiteout(there)
        try removeExisting(place)
        try place.parent.descriptor.makeDirectory(place.name, mode: mode)
      }
    }
    if !isNew || entry.uid != 0 || entry.gid != 0 {
      try place.parent.descriptor.changeOwner(place.name, uid: entry.uid, gid: entry.gid)
    }
    if !isNew || entry.mode & (mask | 0o5000) != 0 || entry.mode & 0o700 != 0o700 {
      try place.parent.descriptor.changeMode(place.name, entry.mode & ~0o2000)
    }
    let attributes = entry.attributes.filter(isAllowed)
    if hidesLower || !attributes.isEmpty {
      let directory = try place.parent.descriptor.open(at: place.name, .directory)
      if hidesLower { try Overlay.makeOpaque(directory) }
      try set(attributes, on: directory)
    }
    directories.append(
      (place.components, entry.mode & 0o2000 != 0 ? entry.mode : nil, FileTime(entry.modified)))
  }

  private func unpackRoot(_ entry: TarEntry) throws {
    guard entry.kind == .directory else { throw UnpackError.outside(entry.pathText) }
    try tree.root.descriptor.changeOwner(uid: entry.uid, gid: entry.gid)
    try tree.root.descriptor.changeMode(entry.mode)
    try set(entry.attributes.filter(isAllowed), on: tree.root.descriptor)
    directories.append(([], nil, FileTime(entry.modified)))
  }

  private func unpackHardLink(
    _ entry: TarEntry, _ place: Place, _ target: [UInt8]
  ) throws {
    let components = start + TarPath.components(target[...])
    let text = String(decoding: target, as: UTF8.self)
    guard let last = components.last, !components.contains([UInt8(ascii: "."), UInt8(ascii: ".")]) else {
      throw UnpackError.outside(text)
    }
    do {
      let directory = try tree.existingParent(of: components)
      let existing = PathBytes(last)
      if try Overlay.isWhiteout(directory.descriptor.status(of: existing)) {
        throw UnpackError.badLink(entry.pathText, text)
      }
      try replacing(place) { () throws(SyscallError) in
        try place.parent.descriptor.makeLink(place.name, to: existing, in: directory.descriptor)
      }
    } catch let error as SyscallError where error.errno == .noSuchFile {
      throw UnpackError.badLink(entry.pathText, text)
    }
  }

  private func makeNode(
    _ entry: TarEntry, _ type: UInt32, _ device: DeviceNumber, _ place: Place
  ) throws {
    try replacing(place) { () throws(SyscallError) in
      try place.parent.descriptor.makeNode(place.name, mode: type | entry.mode & 0o777, device: device)
    }
    try finish(entry, place)
  }

  private func unpackWhiteout(_ name: ArraySlice<UInt8>, _ components: [ArraySlice<UInt8>]) throws {
    if name.elementsEqual(Whiteout.opaque) {
      let parent = try tree.parent(of: components)
      return try Overlay.makeOpaque(try parent.descriptor.open(at: ".", .directory))
    }
    if name.starts(with: Whiteout.bookkeeping) { return }
    let hidden = name.dropFirst(Whiteout.prefix.count)
    guard !hidden.isEmpty, hidden != [UInt8(ascii: ".")], hidden != [UInt8(ascii: "."), UInt8(ascii: ".")]
    else {
      throw UnpackError.outside(String(decoding: name, as: UTF8.self))
    }
    let parent = try tree.parent(of: components)
    if try isThere({ () throws(SyscallError) in
      try Overlay.makeWhiteout(PathBytes(hidden), in: parent.descriptor)
    }) {
      // A whiteout hides what is below this layer, not what this layer brings itself.
      let there = try parent.descriptor.status(of: PathBytes(hidden))
      guard there.kind == .directory else { return }
      try Overlay.makeOpaque(try parent.descriptor.open(at: PathBytes(hidden), .directory))
    }
  }

  // MARK: steps

  /// Owner, mode, attributes and times of what is neither a regular file nor a directory.
  private func finish(_ entry: TarEntry, _ place: Place) throws {
    if entry.uid != 0 || entry.gid != 0 {
      try place.parent.descriptor.changeOwner(place.name, uid: entry.uid, gid: entry.gid)
    }
    if case .symbolicLink = entry.kind {
    } else if entry.mode & (mask | 0o7000) != 0 {
      try place.parent.descriptor.changeMode(place.name, entry.mode)
    }
    try place.parent.descriptor.changeTimes(place.name, FileTime(entry.modified))
  }

  private func replacing(_ place: Place, _ make: () throws(SyscallError) -> Void)
    throws
  {
    guard try isThere(make) else { return }
    try removeExisting(place)
    try make()
  }

  private func removeExisting(_ place: Place) throws {
    let there = try place.parent.descriptor.status(of: place.name)
    if keepsKinds, there.kind == .directory {
      throw UnpackError.otherKind("cannot overwrite directory", place.text, "with non-directory")
    }
    if !Overlay.isWhiteout(there) { hasReplaced = true }
    if there.kind == .directory {
      let below = place.path + [UInt8(ascii: "/")]
      for path in records.keys where path.starts(with: below) { try keepFile(path) }
    } else if records[place.path] != nil {
      return try keepFile(place.path)
    }
    try place.parent.descriptor.removeTree(place.name)
    if there.kind == .directory || there.kind == .symbolicLink { tree.forgetParents() }
  }

  /// Puts a file aside that the archive's later part replaces.
  private func keepFile(_ path: [UInt8]) throws {
    guard let record = records.removeValue(forKey: path) else { return }
    let components = TarPath.components(path[...])
    guard let last = components.last else { return }
    let parent = try tree.existingParent(of: components)
    try kept?.take(PathBytes(last), from: parent.descriptor, record: record)
  }

  private func set(_ attributes: [TarAttribute], on file: borrowing FileDescriptor) throws {
    for attribute in attributes { try file.setAttributeWhereSupported(attribute) }
  }

  /// overlayfs' own attributes would let a layer reach into others.
  private func isAllowed(_ attribute: TarAttribute) -> Bool {
    !attribute.name.hasPrefix("trusted.overlay.") && !attribute.name.hasPrefix("user.overlay.")
  }

  private func finishDirectories() throws {
    for (components, mode, time) in directories.reversed() {
      guard let last = components.last else {
        try tree.root.descriptor.changeTimes(accessed: time, modified: time)
        continue
      }
      do {
        let parent = try tree.existingParent(of: components)
        let name = PathBytes(last)
        // Only where something was replaced can the name have become something else.
        if hasReplaced, try parent.descriptor.status(of: name).kind != .directory { continue }
        if let mode { try parent.descriptor.changeMode(name, mode) }
        try parent.descriptor.changeTimes(name, time)
      } catch let error as SyscallError
        where hasReplaced && [.noSuchFile, .notADirectory].contains(error.errno)
      {}
    }
  }
}

/// Where an entry goes.
private struct Place {
  let name: PathBytes
  let parent: OpenDirectory
  let components: [ArraySlice<UInt8>]

  var text: String { "/" + String(decoding: path, as: UTF8.self) }
  /// From the layer's root, without a slash before or behind.
  var path: [UInt8] { Array(components.joined(separator: [UInt8(ascii: "/")])) }
}

extension FileDescriptor {
  /// Makes a file; nil when something is there already.
  fileprivate borrowing func create(_ name: PathBytes, mode: UInt32) throws(SyscallError) -> FileDescriptor? {
    do throws(SyscallError) {
      return try open(at: name, [.writeOnly, .create, .exclusive], mode: mode)
    } catch  where error.errno == .fileExists {
      return nil
    }
  }

  /// Sets an attribute; a file system without such attributes goes without.
  fileprivate borrowing func setAttributeWhereSupported(_ attribute: TarAttribute) throws(SyscallError) {
    do throws(SyscallError) { try setAttribute(attribute.name, attribute.value) } catch
      where error.errno == .notSupported
    {}
  }
}
