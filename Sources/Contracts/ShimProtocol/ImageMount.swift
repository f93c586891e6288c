/// The files of an image, shown in the shim's mount namespace for the container to bind.
public struct ImageMount: Codable, Sendable, Equatable {
  public var rootFileSystem: RootFileSystem
  /// The path in the container, for whoever complains.
  public var destination: String
  /// Absolute path on the host where they appear; made where it is missing.
  public var target: String
  /// A file or directory of the image instead of its root; links may lead to it, but not out of the image. Nil for the root.
  public var subpath: String?

  public init(rootFileSystem: RootFileSystem, destination: String, target: String, subpath: String?) {
    self.rootFileSystem = rootFileSystem
    self.destination = destination
    self.target = target
    self.subpath = subpath
  }
}
