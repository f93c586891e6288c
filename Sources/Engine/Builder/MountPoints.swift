import EngineErrors
import Linux
import PathPatterns
import Reactor
import ShimProtocol

/// Takes out of a step's layer the empty files and directories that were made to be mounted on.
struct MountPoints: Sendable {
  let root: RootFileSystem

  /// Removes what stands at `targets` and was not there before, with the directories made for it; directories that the
  /// image has and that were only gone through go too. Blocks.
  func remove(_ targets: [String]) throws(EngineError) {
    guard let upper = root.upper else { return }
    try failing(.internal, "clean the step's layer") {
      let layer = try FileDescriptor.open(upper, [.directory])
      for target in targets {
        var path = SlashPath.clean("/" + target)
        var isTarget = true
        while path != "/", try remove(path, isTarget: isTarget, in: layer) {
          path = SlashPath.directory(path)
          isTarget = false
        }
      }
    }
  }

  /// Says whether it is gone, or was not there.
  private func remove(_ path: String, isTarget: Bool, in layer: borrowing FileDescriptor) throws -> Bool {
    guard let status = try layer.statusInside(path) else { return true }
    let below = try statusBelow(path)
    switch status.kind {
    case .regular:
      guard isTarget, status.size == 0, below == nil else { return false }
      try layer.directoryInside(SlashPath.directory(path)).remove(SlashPath.base(path))
    case .directory:
      guard try layer.directoryInside(path).entries().isEmpty else { return false }
      if let below {
        let isSame =
          below.kind == .directory && below.mode == status.mode && below.uid == status.uid
          && below.gid == status.gid
        guard isSame else { return false }
      } else if !isTarget, status.permissions != 0o755 {
        // The step's own, not one that was made for a mount.
        return false
      }
      try layer.directoryInside(SlashPath.directory(path)).remove(SlashPath.base(path), directory: true)
    default: return false
    }
    return true
  }

  /// What the layers below show at the path.
  private func statusBelow(_ path: String) throws -> FileStatus? {
    for lower in root.lower {
      let below = try FileDescriptor.open("\(root.layersDirectory)/\(lower)", [.directory])
      if let status = try below.statusInside(path) { return status }
    }
    return nil
  }
}
