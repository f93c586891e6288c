import Archive
import DockerAPI
import EngineErrors
import Linux
import OCISpec
import Reactor
import ShimProtocol
import Snapshots
import Volumes

extension Containers {
  /// What is at a path in a container.
  public func entry(at path: String, in reference: String) async throws(EngineError) -> FileTree.Entry {
    let container = try find(reference)
    return try await container.withFiles(path, calledAs: reference) { tree, inner in
      try await blocking { try tree.entry(at: inner) }
    }
  }

  /// What is at a path, and an archive of it that is written while it is read.
  public func archive(
    of path: String, in reference: String
  ) async throws(EngineError) -> (entry: FileTree.Entry, tar: any ByteSource) {
    let entry = try await entry(at: path, in: reference)
    let container = try find(reference)
    await container.publish("archive-path")
    let tar = try StreamedArchive.start { output in
      try await container.withFiles(path, calledAs: reference) { tree, inner in
        try await blocking { try tree.pack(inner, to: output.descriptor) }
      }
    }
    return (entry, tar)
  }

  /// Unpacks an archive into a directory of a container. With `keepingKinds` a directory is not replaced by anything else,
  /// nor anything else by a directory.
  public func unpack(
    _ tar: any ByteSource, into path: String, in reference: String, keepingKinds: Bool
  ) async throws(EngineError) {
    let container = try find(reference)
    try await container.refuseReadOnly(path)
    do {
      try await container.withFiles(path, calledAs: reference) { tree, inner in
        try await blocking { () throws(EngineError) in try requireDirectory(inner, in: tree, of: reference) }
        try await blocking { try tree.unpack(tar, into: inner, keepingKinds: keepingKinds) }
      }
    } catch {
      guard (error.cause as? SyscallError)?.errno == .readOnlyFileSystem else { throw error }
      throw await container.readOnly(at: path)
    }
    await container.publish("extract-to-dir")
  }

  /// The archive of a container's whole root file system, without what is mounted in it.
  public func export(_ reference: String) async throws(EngineError) -> any ByteSource {
    let container = try find(reference)
    let snapshots = services.snapshots
    let layers = try await snapshots.rootFileSystem(container.id)
    await container.publish("export")
    return try StreamedArchive.start { output in
      try await snapshots.withMounted(layers, readOnly: true) { root in
        try await blocking { try FileTree(root: root).packAll(to: output.descriptor) }
      }
    }
  }
}

private func requireDirectory(_ path: String, in tree: FileTree, of name: String) throws(EngineError) {
  do {
    // The slash leads through a link.
    if try tree.entry(at: path + "/").status.kind == .directory { return }
  } catch let error as SyscallError where error.errno == .noSuchFile {
    throw EngineError(.notFound, "Could not find the file \(path) in container \(name)", cause: error)
  } catch let error as SyscallError where error.errno == .notADirectory {
    // Said below.
  } catch {
    throw EngineError(.internal, "look at \(path): \(error)", cause: error)
  }
  throw EngineError(.invalidArgument, "extraction point is not a directory")
}

extension Container {
  /// Runs `body` with the files as the container sees them, and the path within them: a running one's with all of its
  /// mounts, a stopped one's root or the mount that the path lies in.
  func withFiles<T: Sendable>(
    _ path: String, calledAs name: String, _ body: (FileTree, String) async throws -> T
  ) async throws(EngineError) -> T {
    do {
      // A process that ends right now has no root any more: its files are found like those of a stopped one.
      if record.life.hasProcess, let tree = try? FileTree(root: "/proc/\(record.life.pid)/root") {
        return try await body(tree, path)
      }
      if let (mount, inner) = mounted(path) {
        if let image = mount.image { return try await withFiles(of: image, inner, body) }
        return try await services.volumes.holding(mount.kind == .volume ? mount.name : nil) {
          try await body(try FileTree(root: mount.source), inner)
        }
      }
      let layers = try await services.snapshots.rootFileSystem(id)
      return try await services.snapshots.withMounted(layers, readOnly: false) { root in
        try await body(try FileTree(root: root), path)
      }
    } catch let error as EngineError {
      throw error
    } catch let error as SyscallError where [.noSuchFile, .notADirectory].contains(error.errno) {
      throw EngineError(
        .notFound, "Could not find the file \(path) in container \(name)", cause: error)
    } catch {
      throw EngineError(.invalidArgument, "\(error)", cause: error)
    }
  }

  /// The image that a container would mount, only to be read.
  private func withFiles<T: Sendable>(
    of image: MountedImage, _ inner: String, _ body: (FileTree, String) async throws -> T
  ) async throws -> T {
    let layers = try await services.snapshots.rootFileSystem(of: image.top)
    return try await services.snapshots.withMounted(layers, readOnly: true) { root in
      let start = image.subpath.map { "/\($0)" } ?? ""
      return try await body(try FileTree(root: root), inner == "/" && !start.isEmpty ? start : start + inner)
    }
  }

  /// The kernel refuses for a running one; of a stopped one the engine sees files that nobody has made read-only.
  func refuseReadOnly(_ path: String) throws(EngineError) {
    guard !record.life.hasProcess else { return }
    if innermost(path)?.readOnly ?? (record.hostConfig.readonlyRootfs) { throw readOnly(at: path) }
  }

  func readOnly(at path: String) -> EngineError {
    let what = innermost(path) == nil ? "container rootfs" : "mounted volume"
    return EngineError(.invalidArgument, "\(what) is marked read-only")
  }

  /// The mount that a path lies in.
  private func innermost(_ path: String) -> MountRecord? {
    let full = path.hasPrefix("/") ? path : "/\(path)"
    return record.mounts
      .filter { !$0.source.isEmpty && (full == $0.destination || full.hasPrefix($0.destination + "/")) }
      .max { $0.destination.utf8.count < $1.destination.utf8.count }
  }

  /// The mount behind a path of a container that does not run, and the path in it.
  private func mounted(_ path: String) -> (mount: MountRecord, inner: String)? {
    let full = path.hasPrefix("/") ? path : "/\(path)"
    guard let mount = innermost(path), mount.kind == .image || Files.isDirectory(mount.source) else {
      return nil
    }
    return (mount, "/" + full.dropFirst(mount.destination.count))
  }
}

/// An archive written into a pipe by a task of its own, as far as its reader keeps up.
enum StreamedArchive {
  /// The end of a pipe that is written.
  final class Output: Sendable {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  static func start(
    _ write: @escaping @Sendable (Output) async throws -> Void
  ) throws(EngineError) -> any ByteSource {
    let (input, output) = try failing(.internal, "make a pipe") {
      let pipe = try Pipe()
      return (DescriptorSource(try pipe.readEnd.duplicate()), Output(try pipe.writeEnd.duplicate()))
    }
    Task {
      // A failure ends the archive too early, which its reader notices; a reader that left needs no word.
      try? await write(output)
    }
    return input
  }
}
