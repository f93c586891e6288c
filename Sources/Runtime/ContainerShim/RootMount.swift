import Linux
import ShimProtocol

/// The container's root file system, mounted in the shim's own mount namespace: it goes away with the shim.
enum RootMount {
  /// Leaves the host's mount namespace: its later mounts still come in, none go out.
  static func enterOwnNamespace() throws(SyscallError) {
    try Namespaces.mount.unshare()
    try Mounts.mount(on: "/", [.recursive, .slave])
  }

  /// Mounts the overlay at `target`.
  static func mount(_ root: RootFileSystem, on target: String) throws(SyscallError) {
    try Files.makeDirectories(target)
    // An image without files.
    if root.upper == nil, root.lower.isEmpty { return }
    // Relative names keep the list of many layers below the page that mount(2) takes.
    try Files.changeDirectory(root.layersDirectory)
    let result = Result { () throws(SyscallError) in try mountHere(root, on: target) }
    try Files.changeDirectory("/")
    try result.get()
  }

  /// It goes away with the shim in any case; but whoever hears of the end may remove its directories at once.
  static func unmountQuietly(_ target: String) {
    do { try Mounts.unmount(target, detach: true) } catch { Diagnostics.say("\(error)") }
  }

  private static func mountHere(_ root: RootFileSystem, on target: String) throws(SyscallError) {
    guard root.upper == nil, root.lower.count == 1 else {
      let flags: MountFlags = root.upper == nil ? .readOnly : []
      return try Mounts.mount("overlay", on: target, type: "overlay", flags, data: options(root))
    }
    // overlayfs wants two layers where none is writable.
    try Mounts.mount(root.lower[0], on: target, .bind)
    try Mounts.mount(on: target, [.bind, .remount, .readOnly])
  }

  /// The data of mount(2), its separators escaped.
  static func options(_ root: RootFileSystem) -> String {
    // What a distribution may have switched on would leave marks in the upper layer that only this overlay understands.
    var options = "index=off,redirect_dir=off,metacopy=off"
    options += ",lowerdir=" + root.lower.map(escaped).joined(separator: ":")
    if let upper = root.upper, let work = root.work {
      options += ",upperdir=\(escaped(upper)),workdir=\(escaped(work))"
    }
    return options
  }

  private static func escaped(_ path: String) -> String {
    var text = ""
    for character in path {
      if character == "\\" || character == ":" || character == "," { text.append("\\") }
      text.append(character)
    }
    return text
  }
}
