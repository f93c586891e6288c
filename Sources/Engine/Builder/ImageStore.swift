import DockerAPI
import OCISpec

/// What a build needs of the images.
public protocol ImageStore: Sendable {
  /// The image of that name, id or digest. Throws a `notFound` EngineError where there is none.
  func base(_ reference: String) async throws -> BaseImage
  /// Fetches the image from its registry, as the client that `auth` names or as nobody.
  func fetch(
    _ reference: String, platform: String, auth: RegistryAuth?,
    progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws -> BaseImage
  /// Keeps an image over layers that are there, with its names; answers its id.
  func keep(_ config: ImageConfig, top: Digest?, names: [String]) async throws -> Digest
  /// Removes the layers that nobody needs any more.
  func sweepLayers() async throws
}

extension ImageStore {
  /// Layers stay until somebody else removes them.
  public func sweepLayers() async throws {}
}

/// What FROM stands on.
public struct BaseImage: Sendable {
  public var id: Digest
  public var config: ImageConfig
  /// The chain of its topmost layer; nil where it has none.
  public var top: Digest?

  public init(id: Digest, config: ImageConfig, top: Digest?) {
    self.id = id
    self.config = config
    self.top = top
  }
}

/// Fetches what ADD names by URL.
public protocol Downloader: Sendable {
  /// Writes the body of `url` to the file `path`; throws for every status but success, in words that begin with
  /// `failure`.
  func download(_ url: String, to path: String, failure: String) async throws -> Download
}

public struct Download: Sendable {
  /// Seconds since 1970 of Last-Modified; nil where the server does not say.
  public var modified: Int64?
  /// The name of Content-Disposition; nil where the server gives none.
  public var fileName: String?

  public init(modified: Int64?, fileName: String?) {
    self.modified = modified
    self.fileName = fileName
  }
}
