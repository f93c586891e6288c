import Archive
import Compression
import EngineErrors
import Linux
import PathPatterns

/// Unpacks a tar file of the context for ADD: owners, modes and links as the archive has them, inside the image only.
/// Every call blocks.
struct ArchiveUnpacker {
  private let layer: LayerWriter

  init(_ layer: LayerWriter) { self.layer = layer }

  /// Whether the file is a tar archive, plain or compressed. Reads from where the file stands.
  static func isArchive(_ file: borrowing FileDescriptor) throws -> Bool {
    let start = try file.read(upTo: 512)
    try file.seek(to: 0)
    switch CompressionFormat(start: Array(start.prefix(CompressionFormat.magicLength))) {
    case .none where start.count < 512: return false
    default:
      let source = DescriptorSource(try file.duplicate())
      // Anything that cannot be read as an archive is an ordinary file to copy.
      let isTar = (try? TarReader(DecompressedSource(source)).next()) != nil
      try file.seek(to: 0)
      return isTar
    }
  }

  func unpack(_ file: borrowing FileDescriptor, into destination: String) throws {
    let reader = TarReader(DecompressedSource(DescriptorSource(try file.duplicate())))
    try layer.makeDirectory(destination)
    while let entry = try reader.next() {
      let elements = entry.components.map { String(decoding: $0, as: UTF8.self) }
      if elements.isEmpty { continue }
      guard !elements.contains("..") else {
        throw EngineError(
          .invalidArgument, "the archive holds a path that leads out of it: \(entry.pathText)")
      }
      let parent = try layer.canonical("\(destination)/" + elements.dropLast().joined(separator: "/"))
      let path = SlashPath.join(parent, elements[elements.count - 1])
      try write(entry, from: reader, at: path, in: destination)
    }
  }

  private func write(_ entry: TarEntry, from reader: TarReader, at path: String, in destination: String)
    throws
  {
    let owner = FileOwner(uid: entry.uid, gid: entry.gid)
    let time = FileTime(entry.modified)
    switch entry.kind {
    case .directory: try layer.writeDirectory(path, mode: entry.mode, owner: owner, modified: time)
    case .file:
      let file = OpenFile(try layer.createFile(path))
      try reader.contents { try file.descriptor.write($0) }
      try layer.complete(file.descriptor, mode: entry.mode, owner: owner, modified: time)
      // Last, because a change of owner takes capabilities away.
      for attribute in entry.attributes where !attribute.name.hasPrefix("trusted.") {
        try file.descriptor.setAttribute(attribute.name, attribute.value)
      }
    case .symbolicLink(let target):
      try layer.writeLink(path, to: String(decoding: target, as: UTF8.self), owner: owner, modified: time)
    case .hardLink(let target):
      let elements = TarPath.components(target[...]).map { String(decoding: $0, as: UTF8.self) }
      let parent = try layer.canonical("\(destination)/" + elements.dropLast().joined(separator: "/"))
      try layer.writeHardLink(path, to: SlashPath.join(parent, elements.last ?? ""))
    case .characterDevice(let major, let minor):
      try node(path, 0o020000, entry, DeviceNumber(major: major, minor: minor), owner, time)
    case .blockDevice(let major, let minor):
      try node(path, 0o060000, entry, DeviceNumber(major: major, minor: minor), owner, time)
    case .fifo: try node(path, 0o010000, entry, DeviceNumber(rawValue: 0), owner, time)
    }
  }

  private func node(
    _ path: String, _ kind: UInt32, _ entry: TarEntry, _ device: DeviceNumber, _ owner: FileOwner,
    _ time: FileTime
  ) throws {
    try layer.writeNode(path, kind: kind, mode: entry.mode, device: device, owner: owner, modified: time)
  }
}
