/// What an image is made of and how a container of it starts (image-spec config.md, with Docker's additions).
/// The SHA-256 of its JSON is the image's id, so bytes that came from elsewhere are kept beside the decoded
/// value.
public struct ImageConfig: Codable, Hashable, Sendable {
  /// RFC 3339.
  public var created: String?
  public var author: String?
  public var architecture: String
  public var variant: String?
  public var os: String
  public var osVersion: String?
  public var config: ImageDefaults?
  public var rootfs: ImageRootFS
  public var history: [ImageHistoryEntry]?
  /// Docker's message of `commit` and `import`, and who made the image.
  public var comment: String?
  public var dockerVersion: String?

  enum CodingKeys: String, CodingKey {
    case created, author, architecture, variant, os
    case osVersion = "os.version"
    case config, rootfs, history, comment
    case dockerVersion = "docker_version"
  }

  public init(
    created: String? = nil, author: String? = nil, platform: Platform = .host,
    config: ImageDefaults? = ImageDefaults(),
    diffIDs: [Digest] = [], history: [ImageHistoryEntry] = []
  ) {
    self.created = created
    self.author = author
    self.architecture = platform.architecture
    self.variant = platform.variant
    self.os = platform.os
    self.config = config
    self.rootfs = ImageRootFS(diffIDs: diffIDs)
    self.history = history
  }

  /// A missing architecture or system is this machine's; Docker has written such configs.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    created = try values.decodeIfPresent(String.self, forKey: .created)
    author = try values.decodeIfPresent(String.self, forKey: .author)
    architecture =
      try values.decodeIfPresent(String.self, forKey: .architecture) ?? Platform.host.architecture
    variant = try values.decodeIfPresent(String.self, forKey: .variant)
    os = try values.decodeIfPresent(String.self, forKey: .os) ?? Platform.host.os
    osVersion = try values.decodeIfPresent(String.self, forKey: .osVersion)
    config = try values.decodeIfPresent(ImageDefaults.self, forKey: .config)
    rootfs = try values.decode(ImageRootFS.self, forKey: .rootfs)
    history = try values.decodeIfPresent([ImageHistoryEntry].self, forKey: .history)
    comment = try values.decodeIfPresent(String.self, forKey: .comment)
    dockerVersion = try values.decodeIfPresent(String.self, forKey: .dockerVersion)
  }

  public var platform: Platform { Platform(os: os, architecture: architecture, variant: variant) }
}

/// The uncompressed layers of an image, lowest first.
public struct ImageRootFS: Codable, Hashable, Sendable {
  public var type: String
  public var diffIDs: [Digest]

  enum CodingKeys: String, CodingKey {
    case type
    case diffIDs = "diff_ids"
  }

  public init(diffIDs: [Digest]) {
    self.type = "layers"
    self.diffIDs = diffIDs
  }

  /// No list of layers is an empty list: an image made from nothing has none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    type = try values.decodeIfPresent(String.self, forKey: .type) ?? "layers"
    diffIDs = try values.decodeIfPresent([Digest].self, forKey: .diffIDs) ?? []
  }
}

/// How one layer, or one change without a layer, came to be.
public struct ImageHistoryEntry: Codable, Hashable, Sendable {
  /// RFC 3339.
  public var created: String?
  public var createdBy: String?
  public var author: String?
  public var comment: String?
  /// Whether the step left the files as they were.
  public var emptyLayer: Bool?

  enum CodingKeys: String, CodingKey {
    case created
    case createdBy = "created_by"
    case author, comment
    case emptyLayer = "empty_layer"
  }

  public init(
    created: String? = nil, createdBy: String? = nil, author: String? = nil, comment: String? = nil,
    emptyLayer: Bool = false
  ) {
    self.created = created
    self.createdBy = createdBy
    self.author = author
    self.comment = comment
    self.emptyLayer = emptyLayer ? true : nil
  }
}
