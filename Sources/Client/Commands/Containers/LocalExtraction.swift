import Archive
import Linux

/// Unpacks a container's tar stream into a directory here. The stream comes from a stranger: nothing is written
/// outside the directory, whatever names and links it holds.
struct LocalExtraction: Sendable {
  let directory: String
  /// The stream's top name, and what it is called here; empty: left out.
  let from: String
  let to: String

  /// Blocks.
  func run(_ source: any ByteSource) throws {
    let root = try FileDescriptor.open(directory, .directory)
    let members = TarMembers(source)
    while let entry = try members.next() {
      guard let parts = renamed(entry.components), let name = parts.last else { continue }
      guard !parts.contains("..") else {
        throw CommandFailure("the archive leaves its directory: \(entry.pathText)")
      }
      try write(entry, name, below: Array(parts.dropLast()), root, members)
    }
  }

  private func renamed(_ components: [ArraySlice<UInt8>]) -> [String]? {
    var parts = components.map { String(decoding: $0, as: UTF8.self) }
    if parts.first == from || from == "/" || from == "." {
      if from != "/", from != "." { parts.removeFirst() }
      parts = (to.isEmpty ? [] : [to]) + parts
    }
    return parts.isEmpty ? nil : parts
  }

  private func write(
    _ entry: TarEntry, _ name: String, below parents: [String], _ root: borrowing FileDescriptor,
    _ members: TarMembers
  ) throws {
    let parent = try root.open(
      inside: parents.isEmpty ? "." : parents.joined(separator: "/"), [.directory],
      resolve: [.beneath, .noSymbolicLinks])
    switch entry.kind {
    case .directory: try makeDirectory(name, mode: entry.mode, parent)
    case .symbolicLink(let target):
      try clear(name, parent)
      try parent.makeSymbolicLink(name, to: String(decoding: target, as: UTF8.self))
    case .file: try writeFile(entry, name, parent, members)
    case .hardLink(let target): try link(name, to: TarPath.components(target[...]), parent, root)
    // Devices and pipes are a container's own business.
    default: break
    }
  }

  private func makeDirectory(_ name: String, mode: UInt32, _ parent: borrowing FileDescriptor) throws {
    do throws(SyscallError) {
      try parent.makeDirectory(name, mode: mode)
    } catch {
      guard error.errno == .fileExists else { throw error }
      guard try parent.status(of: name).kind == .directory else {
        throw CommandFailure("cannot overwrite non-directory \(name) with directory")
      }
    }
  }

  private func writeFile(
    _ entry: TarEntry, _ name: String, _ parent: borrowing FileDescriptor, _ members: TarMembers
  ) throws {
    try clear(name, parent)
    let file = try parent.open(at: name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
    while true {
      let bytes = try members.contents.read(upTo: 1 << 16)
      if bytes.isEmpty { break }
      try file.write(bytes)
    }
    try file.changeMode(entry.mode & 0o7777)
  }

  private func link(
    _ name: String, to target: [ArraySlice<UInt8>], _ parent: borrowing FileDescriptor,
    _ root: borrowing FileDescriptor
  ) throws {
    guard let parts = renamed(target), let existing = parts.last, !parts.contains("..") else { return }
    try clear(name, parent)
    let path = parts.count == 1 ? "." : parts.dropLast().joined(separator: "/")
    let place = try root.open(inside: path, [.directory], resolve: [.beneath, .noSymbolicLinks])
    try parent.makeLink(name, to: existing, in: place)
  }

  /// Makes room for what is no directory.
  private func clear(_ name: String, _ parent: borrowing FileDescriptor) throws {
    do {
      guard try parent.status(of: name).kind != .directory else {
        throw CommandFailure("cannot overwrite directory \(name) with non-directory")
      }
      try parent.remove(name)
    } catch let error as SyscallError where error.errno == .noSuchFile {
      return
    }
  }
}
