import OCISpec
import Snapshots

/// An image that is here whole.
public struct Image: Sendable {
  /// The digest of the config's bytes.
  public let id: Digest
  public let config: ImageConfig
  /// Lowest first.
  public let layers: [Layer]
  /// `alpine:latest`, sorted.
  public let names: [String]
  /// `alpine@sha256:…`, sorted.
  public let digests: [String]
  /// Bytes of all layers.
  public var size: Int64 { layers.reduce(0) { $0 + $1.size } }
  /// What it was made for.
  public var platform: Platform {
    Platform(os: config.os, architecture: config.architecture, variant: config.variant)
  }
  /// Seconds since 1970; 0 where the config does not say.
  public let created: Int64
  /// The top of the stack of layers, on which a container is prepared; nil for an image of nothing.
  public var top: Digest? { layers.last?.chainID }
}

/// A container that was made from an image.
public struct ContainerUse: Sendable {
  public let id: String
  public let isRunning: Bool

  public init(id: String, isRunning: Bool) {
    self.id = id
    self.isRunning = isRunning
  }
}

/// What is kept of an image besides its config's bytes.
struct ImageRecord: Codable, Sendable {
  /// RFC 3339; when a name was given last.
  var lastTagged: String?
  /// The id of the image that this one was made from by `commit`.
  var parent: String?
}
