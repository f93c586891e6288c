/// The overlay that becomes a container's root (overlayfs, kernel's Documentation/filesystems/overlayfs.rst).
public struct RootFileSystem: Codable, Sendable, Equatable {
  /// The directory that holds every layer; the shim mounts from there, so that names stay short.
  public var layersDirectory: String
  /// Names of directories inside `layersDirectory`, the topmost first.
  public var lower: [String]
  /// Absolute path of the writable layer; nil makes the root read-only.
  public var upper: String?
  /// Absolute path of overlayfs' work directory, on the same file system as `upper`.
  public var work: String?

  public init(layersDirectory: String, lower: [String], upper: String?, work: String?) {
    self.layersDirectory = layersDirectory
    self.lower = lower
    self.upper = upper
    self.work = work
  }
}
