import Archive
import Compression
import EngineErrors
import Linux

/// The files that a container sees, for copying in and out. Every path is walked within the root, whatever links say.
public struct FileTree: Sendable {
  /// What is at a path.
  public struct Entry: Sendable {
    /// The last name of the path: `.` where it ends so, `/` for the root.
    public let name: String
    public let status: FileStatus
    /// Where a symbolic link leads in the end, from the root; empty for anything else.
    public let linkTarget: String
  }

  private let root: OpenDirectory

  /// `root` is a directory, such as a mounted overlay or `/proc/<pid>/root`.
  public init(root: String) throws(SyscallError) {
    self.root = OpenDirectory(try FileDescriptor.open(root, [.path, .directory]))
  }

  /// What is at the path; a link at its end is followed only when a slash stands behind it.
  public func entry(at path: String) throws -> Entry {
    guard let (parent, name) = try place(path) else {
      return Entry(name: "/", status: try root.descriptor.status(), linkTarget: "")
    }
    let status = try parent.descriptor.status(of: name)
    let text =
      path.hasSuffix("/.") ? "." : Self.components(path).last ?? String(decoding: name.bytes, as: UTF8.self)
    guard status.kind == .symbolicLink else { return Entry(name: text, status: status, linkTarget: "") }
    return Entry(
      name: text, status: status, linkTarget: try target(of: path, parent.descriptor.readLink(name)))
  }

  /// Writes an archive of what is at the path, under the path's last name: names begin with `./` where that is a dot, and
  /// with `/` for the root, as docker's clients expect it. What the kernel only shows (/proc, /sys, /dev) is left empty.
  public func pack(_ path: String, to output: borrowing FileDescriptor) throws {
    let output = OpenDirectory(try output.duplicate())
    let packer = LayerPacker(recorder: nil, skipsKernelFiles: true) { try output.descriptor.writeAll($0) }
    let name = path == "." || path.hasSuffix("/.") ? "./" : "/"
    guard let (parent, last) = try place(path) else {
      return try packer.packRoot(root.descriptor.open(at: ".", .directory), as: name, prefix: name)
    }
    if name == "./" {
      return try packer.packRoot(parent.descriptor.open(at: last, .directory), as: name, prefix: name)
    }
    // Behind a slash a link is followed, and keeps its name.
    try packer.pack(
      last, as: Self.components(path).last.map { Array($0.utf8) } ?? last.bytes, in: parent.descriptor)
  }

  /// Writes an archive of everything, under names that are seen from the root: `./`, `etc/`, `etc/passwd`.
  public func packAll(to output: borrowing FileDescriptor) throws {
    let output = OpenDirectory(try output.duplicate())
    let packer = LayerPacker(recorder: nil) { try output.descriptor.writeAll($0) }
    try packer.packRoot(root.descriptor.open(at: ".", .directory), as: "./", prefix: "")
  }

  /// Unpacks an archive into the directory at the path. With `keepingKinds` a directory is not replaced by anything else,
  /// nor anything else by a directory.
  public func unpack(_ source: any ByteSource, into path: String, keepingKinds: Bool) throws {
    let directory = try root.descriptor.open(inside: PathBytes(Self.cleaned(path)), [.path, .directory])
    let place = try resolved(directory)
    let unpacker = LayerUnpacker(
      into: try root.descriptor.open(at: ".", .directory), mask: CreationMask.current(), place: place,
      keepingKinds: keepingKinds)
    do { try unpacker.unpack(DecompressedSource(source)) } catch UnpackError.failed(let path, let error) {
      // The words for layers mean nothing here.
      throw EngineError(.internal, "cannot write \(path): \(error)", cause: error)
    }
  }

  /// The parent and the name of a path's end; nil for the root.
  private func place(_ path: String) throws -> (parent: OpenDirectory, name: PathBytes)? {
    var components = Self.components(path)
    if path.hasSuffix("/") || path.hasSuffix("/.") {
      let directory = try root.descriptor.open(inside: PathBytes(Self.cleaned(path)), [.path, .directory])
      components = try resolved(directory).map { String(decoding: $0, as: UTF8.self) }
    }
    guard let last = components.popLast() else { return nil }
    let parent = components.isEmpty ? "." : components.joined(separator: "/")
    return (
      OpenDirectory(try root.descriptor.open(inside: PathBytes(parent), [.path, .directory])), PathBytes(last)
    )
  }

  /// The components from the root to an open directory, without links.
  private func resolved(_ directory: borrowing FileDescriptor) throws -> [[UInt8]] {
    let base = try Files.readLink(root.descriptor.procPath)
    let full = try Files.readLink(directory.procPath)
    let rest = full.hasPrefix(base) ? full.dropFirst(base.count) : full[...]
    return rest.split(separator: "/").map { Array($0.utf8) }
  }

  private func target(of path: String, _ link: [UInt8]) throws -> String {
    // A link that leads nowhere is said as it would be walked.
    guard let file = try? root.descriptor.open(inside: PathBytes(Self.cleaned(path)), .path) else {
      let text = String(decoding: link, as: UTF8.self)
      let start = text.hasPrefix("/") ? [] : Array(Self.components(path).dropLast())
      return "/" + Self.components((start + [text]).joined(separator: "/")).joined(separator: "/")
    }
    return "/" + (try resolved(file)).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
  }

  private static func cleaned(_ path: String) -> String {
    let components = components(path)
    return components.isEmpty ? "." : components.joined(separator: "/")
  }

  /// Without empty components and `.`, and `..` taken back.
  private static func components(_ path: String) -> [String] {
    var parts: [String] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts
  }
}
