import EngineErrors
import Linux
import OCISpec
import Reactor
import ShimProtocol
import Synchronization

extension Snapshots {
  /// Shows a stack of layers as one tree while `body` runs. The path is valid in this process only and gone afterwards,
  /// also when this process is killed: the mount hangs on a descriptor and stands nowhere in the tree.
  nonisolated public func withMounted<T: Sendable>(
    _ rootfs: RootFileSystem, readOnly: Bool, _ body: (String) async throws -> T
  ) async throws -> T {
    let place = "\(dataRoot)/tmp/mount-\(UInt64.random(in: 0 ... .max))"
    let mount = try await blocking { () throws(EngineError) in
      try failing(.internal, "mount layers") { try HeldMount(rootfs, readOnly: readOnly, at: place) }
    }
    let result: Result<T, any Error>
    do { result = .success(try await body(mount.path)) } catch { result = .failure(error) }
    await mount.letGo()
    return try result.get()
  }
}

/// An overlay that is mounted nowhere; unmounted when the last holder lets go.
final class HeldMount: Sendable {
  private let mount: Mutex<DetachedMount?>
  let path: String

  /// Unmounts. The kernel writes down what was written first, which takes time that a task must not wait for.
  func letGo() async {
    await blocking { [self] in mount.withLock { $0 = nil } }
  }

  /// `place` does not exist yet; it is there for a moment only, because `mount(2)` takes hundreds of layers where
  /// `fsconfig(2)` of older kernels takes 256 bytes.
  init(_ rootfs: RootFileSystem, readOnly: Bool, at place: String) throws {
    let layers = try FileDescriptor.open(rootfs.layersDirectory, .directory)
    var lower = rootfs.lower.map { "\(layers.procPath)/\($0)" }
    var writable = ""
    if let upper = rootfs.upper, let work = rootfs.work, !readOnly {
      writable = ",upperdir=\(Self.escaped(upper)),workdir=\(Self.escaped(work))"
    } else if let upper = rootfs.upper {
      lower.insert(Self.escaped(upper), at: 0)
    }
    if writable.isEmpty && lower.count == 1 {
      // Without a writable directory overlayfs wants two layers; one alone is shown as it is.
      let layer = try DetachedMount.copy(of: lower[0])
      try layer.change(set: .readOnly)
      path = layer.descriptor.procPath
      mount = Mutex(layer)
      return
    }
    let options =
      "index=off,redirect_dir=off,metacopy=off,lowerdir=\(lower.joined(separator: ":"))\(writable)"
    guard options.utf8.count < 4096 else {
      throw EngineError(.invalidArgument, "\(lower.count) layers are more than overlayfs takes")
    }
    try Files.makeDirectory(place, mode: 0o700)
    defer {
      // An empty directory under tmp/ harms nobody.
      try? Files.removeDirectory(place)
    }
    try Mounts.mount("overlay", on: place, type: "overlay", readOnly ? .readOnly : [], data: options)
    defer {
      // The copy keeps the file system; taking an own mount out of the tree does not fail.
      try? Mounts.unmount(place, detach: true)
    }
    let copy = try DetachedMount.copy(of: place)
    path = copy.descriptor.procPath
    mount = Mutex(copy)
  }

  /// A path as an option's value: overlayfs parts values by commas and layers by colons.
  private static func escaped(_ path: String) -> String {
    var text = ""
    for character in path {
      if "\\:,".contains(character) { text.append("\\") }
      text.append(character)
    }
    return text
  }
}
