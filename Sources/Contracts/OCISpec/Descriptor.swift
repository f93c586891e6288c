/// What a blob is, how long, and by which digest it is found (image-spec descriptor.md).
public struct Descriptor: Codable, Hashable, Sendable {
  public var mediaType: String
  public var digest: Digest
  /// Bytes.
  public var size: Int64
  public var urls: [String]?
  public var annotations: [String: String]?
  public var platform: Platform?

  public init(
    mediaType: String, digest: Digest, size: Int64, annotations: [String: String]? = nil,
    platform: Platform? = nil
  ) {
    self.mediaType = mediaType
    self.digest = digest
    self.size = size
    self.annotations = annotations
    self.platform = platform
  }
}

/// The machine an image is for.
public struct Platform: Codable, Hashable, Sendable, CustomStringConvertible {
  public var architecture: String
  public var os: String
  public var osVersion: String?
  public var osFeatures: [String]?
  public var variant: String?

  enum CodingKeys: String, CodingKey {
    case architecture, os
    case osVersion = "os.version"
    case osFeatures = "os.features"
    case variant
  }

  public init(os: String, architecture: String, variant: String? = nil) {
    self.os = os
    self.architecture = architecture
    self.variant = variant
  }

  /// Reads `linux/amd64` or `linux/arm64/v8`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.init(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil)
  }

  #if arch(arm64)
    public static let host = Platform(os: "linux", architecture: "arm64", variant: "v8")
  #else
    public static let host = Platform(os: "linux", architecture: "amd64")
  #endif

  /// Whether something made for this platform runs where `other` is asked for.
  public func serves(_ other: Platform) -> Bool {
    os == other.os && architecture == other.architecture
      && (other.variant == nil || variant == nil || variant == other.variant)
  }

  public var description: String { "\(os)/\(architecture)" + (variant.map { "/\($0)" } ?? "") }
}
