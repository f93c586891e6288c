/// One image for one platform: its config and its layers, lowest first (image-spec manifest.md).
public struct ImageManifest: Codable, Hashable, Sendable {
  public var schemaVersion: Int
  public var mediaType: String?
  public var config: Descriptor
  public var layers: [Descriptor]
  public var annotations: [String: String]?

  public init(mediaType: String?, config: Descriptor, layers: [Descriptor]) {
    self.schemaVersion = 2
    self.mediaType = mediaType
    self.config = config
    self.layers = layers
  }
}

/// The same image for several platforms, or several images (image-spec image-index.md).
public struct ImageIndex: Codable, Hashable, Sendable {
  public var schemaVersion: Int
  public var mediaType: String?
  public var manifests: [Descriptor]
  public var annotations: [String: String]?

  public init(mediaType: String? = MediaType.ociIndex, manifests: [Descriptor]) {
    self.schemaVersion = 2
    self.mediaType = mediaType
    self.manifests = manifests
  }
}

/// The `oci-layout` file of a directory or archive (image-spec image-layout.md).
public struct ImageLayout: Codable, Hashable, Sendable {
  public var imageLayoutVersion: String
  public init() { imageLayoutVersion = "1.0.0" }
}

/// The annotation under which an index in a layout says an image's tag, and containerd's for its full name.
public enum ImageAnnotation {
  public static let refName = "org.opencontainers.image.ref.name"
  public static let containerdName = "io.containerd.image.name"
}
