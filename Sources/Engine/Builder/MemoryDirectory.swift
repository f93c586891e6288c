import EngineErrors
import Linux

/// A directory that is in memory (tmpfs), for what must not reach a disk.
public struct MemoryDirectory: Sendable {
  /// nil where the host has none.
  public let path: String?

  /// Makes the directory `name` in the first of `places` that is in memory, for root alone; one that another daemon left
  /// is taken over as it is. Blocks.
  public init(named name: String, in places: [String]) throws(EngineError) {
    path = try failing(.internal, "make a directory in memory") {
      for place in places {
        // What cannot be looked at is no place.
        guard let status = try? FileSystemStatus.of(place), status.type == FileSystemStatus.tmpfs else {
          continue
        }
        let path = "\(place)/\(name)"
        try Files.makeDirectories(path, mode: 0o700)
        // Everybody may make directories in /dev/shm.
        let made = try Files.linkStatus(path)
        guard made.kind == .directory, made.uid == Identity.effectiveUser, made.permissions == 0o700 else {
          throw EngineError(.internal, "\(path) is somebody else's: remove it")
        }
        return path
      }
      return nil
    }
  }

  /// Throws everything in it away. Blocks.
  public func clear() throws(EngineError) {
    guard let path else { return }
    try failing(.internal, "clear \(path)") {
      for name in try Files.names(in: path) { try Files.removeTree("\(path)/\(name)") }
    }
  }

  /// Takes it away with what is in it. Blocks.
  public func remove() throws(EngineError) {
    guard let path else { return }
    try failing(.internal, "remove \(path)") { try Files.removeTree(path) }
  }

  /// The path of a file or directory in it.
  public func path(_ name: String) throws(EngineError) -> String {
    guard let path else {
      throw EngineError(
        .unavailable, "secrets are kept in memory only, and this host has no tmpfs on /run or /dev/shm")
    }
    return "\(path)/\(name)"
  }
}
