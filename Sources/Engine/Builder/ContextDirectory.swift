import Archive
import Compression
import Hashing
import Linux

/// A build context on disk, with the digests of its files.
struct ContextDirectory: Sendable {
  let path: String
  /// SHA-256 by path in the context; regular files only.
  let digests: [String: String]

  /// More entries than this are refused.
  static let mostEntries = 2_000_000

  /// Unpacks a tar stream, plain or compressed, into the empty directory `path`, hashing what goes by. Blocks.
  static func unpack(_ source: any ByteSource, into path: String) throws -> ContextDirectory {
    let writer = try EntryWriter(root: path)
    let reader = TarReader(DecompressedSource(source))
    var digests: [String: String] = [:]
    var count = 0
    while let entry = try reader.next() {
      count += 1
      guard count <= mostEntries else {
        throw ArchiveError.tooLarge("more than \(mostEntries) files in the build context")
      }
      let name = entry.components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
      if name.isEmpty { continue }
      if let digest = try writer.write(entry, from: reader, at: name) { digests[name] = digest }
    }
    try writer.finish()
    return ContextDirectory(path: path, digests: writer.withLinks(digests))
  }
}

/// Writes archive members below one directory, whatever their paths and links say. Owners are root's.
final class EntryWriter {
  private let root: FileDescriptor
  private var directoryTimes: [(path: String, time: FileTime)] = []
  private var links: [(path: String, target: String)] = []
  /// The directory used last: archives go directory by directory.
  private var last: (path: String, directory: OpenFile)?

  init(root: String) throws { self.root = try FileDescriptor.open(root, [.directory]) }

  /// Writes one member; answers the digest of a file's contents.
  func write(_ entry: TarEntry, from reader: TarReader, at path: String) throws -> String? {
    guard case .file = entry.kind else {
      try make(entry, at: path)
      return nil
    }
    let file = try begin(entry, at: path)
    try reader.contents { bytes in try file.write(bytes) }
    return try file.finish()
  }

  /// Writes one member that has no contents.
  func make(_ entry: TarEntry, at path: String) throws {
    let (parent, name) = try place(path)
    let time = FileTime(entry.modified)
    if case .directory = entry.kind {
      try parent.descriptor.ensureDirectory(name, mode: entry.mode)
      try parent.descriptor.changeMode(name, entry.mode)
      directoryTimes.append((path, time))
      return
    }
    if try parent.descriptor.clear(name) { last = nil }
    switch entry.kind {
    case .symbolicLink(let target):
      try parent.descriptor.makeSymbolicLink(name, to: String(decoding: target, as: UTF8.self))
      try parent.descriptor.changeTimes(name, accessed: time, modified: time)
    case .hardLink(let target):
      let existing = TarPath.components(target[...]).map { String(decoding: $0, as: UTF8.self) }.joined(
        separator: "/")
      let (directory, base) = try place(existing)
      try parent.descriptor.makeLink(name, to: base, in: directory.descriptor)
      links.append((path, existing))
    // Devices, pipes and sockets are nothing to copy into an image.
    case .characterDevice, .blockDevice, .fifo, .directory, .file: break
    }
  }

  /// Begins a regular file whose contents come by and by.
  func begin(_ entry: TarEntry, at path: String) throws -> OpenEntry {
    let (parent, name) = try place(path)
    if try parent.descriptor.clear(name) { last = nil }
    let time = FileTime(entry.modified)
    let file = OpenFile(
      try parent.descriptor.open(at: name, [.writeOnly, .create, .exclusive, .noFollow], mode: entry.mode))
    return OpenEntry(path: path, file, mode: entry.mode, time)
  }

  /// The directory that holds `path`, made with its parents where it is missing, and the last element.
  private func place(_ path: String) throws -> (OpenFile, String) {
    let elements = path.split(separator: "/").map(String.init)
    guard let name = elements.last, !elements.contains("..") else {
      throw ArchiveError.extendedHeader("the path \(path) leads out of the build context")
    }
    let parent = elements.dropLast().joined(separator: "/")
    if let last, last.path == parent { return (last.directory, name) }
    if try root.statusInside(parent, followLast: true) == nil {
      let (above, missing) = try place(parent)
      try above.descriptor.ensureDirectory(missing, mode: 0o755)
    }
    let directory = OpenFile(try root.directoryInside(parent))
    last = (parent, directory)
    return (directory, name)
  }

  /// Directories get their times last, because writing into them changed them.
  func finish() throws {
    for (path, time) in directoryTimes.reversed() {
      // A later member may have replaced the directory.
      guard let directory = try? root.open(inside: path, [.directory]) else { continue }
      try directory.changeTimes(accessed: time, modified: time)
    }
  }

  /// Hard links share the digest of what they link to.
  func withLinks(_ digests: [String: String]) -> [String: String] {
    var digests = digests
    for (path, target) in links { digests[path] = digests[target] }
    return digests
  }
}
