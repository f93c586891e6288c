import Archive
import DockerAPI
import EngineErrors
import ImageNames
import JSON
import OCISpec
import Reactor
import Snapshots

/// One image in `manifest.json` of docker's archives.
struct ArchivedImage: Codable, Sendable {
  var config: String
  var repoTags: [String]?
  var layers: [String]

  enum CodingKeys: String, CodingKey {
    case config = "Config"
    case repoTags = "RepoTags"
    case layers = "Layers"
  }
}

extension Images {
  /// Takes in the images of an archive written by `docker save` or of an OCI layout, plain or compressed, and says so in
  /// docker's words. Either an image is there whole afterwards, or an error says why not.
  @discardableResult
  public func load(
    _ source: any ByteSource, progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> [Image] {
    var intake = ArchiveIntake()
    do {
      try await intake.read(source, into: snapshots, progress: progress)
      await turns.enter()
      defer { turns.leave() }
      let ids = try await takeImages(&intake, progress)
      await intake.dropLayers(in: snapshots)
      var loaded: [Image] = []
      for id in ids { loaded.append(try await image(id)) }
      return loaded
    } catch {
      await intake.dropLayers(in: snapshots)
      throw error
    }
  }

  private func takeImages(
    _ intake: inout ArchiveIntake, _ progress: @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> [Digest] {
    if intake.documents["manifest.json"] != nil { return try await takeDockerArchive(&intake, progress) }
    if intake.documents["index.json"] != nil { return try await takeLayout(&intake, progress) }
    throw EngineError(
      .invalidArgument,
      "invalid archive: neither manifest.json nor index.json is in it (for a root file system, use import)")
  }

  private func takeDockerArchive(
    _ intake: inout ArchiveIntake, _ progress: @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> [Digest] {
    let items = try Self.decode([ArchivedImage].self, intake.document("manifest.json"), "manifest.json")
    var ids: [Digest] = []
    for item in items {
      let id = try await take(intake.document(item.config), item.config, layers: item.layers, &intake)
      ids.append(id)
      for name in item.repoTags ?? [] { try await self.name(id, name, progress) }
      if (item.repoTags ?? []).isEmpty { progress(.text("Loaded image ID: \(id)\n")) }
      announce("load", id, id.description)
    }
    return ids
  }

  private func takeLayout(
    _ intake: inout ArchiveIntake, _ progress: @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> [Digest] {
    let index = try Self.decode(ImageIndex.self, intake.document("index.json"), "index.json")
    var ids: [Digest] = []
    for descriptor in index.manifests {
      guard let manifest = try manifest(descriptor, intake, depth: 0) else { continue }
      let config = Self.blobPath(manifest.config.digest)
      let id = try await take(
        intake.document(config), config, layers: manifest.layers.map { Self.blobPath($0.digest) }, &intake)
      ids.append(id)
      if let name = Self.name(in: descriptor.annotations ?? [:]) {
        try await self.name(id, name, progress)
      } else {
        progress(.text("Loaded image ID: \(id)\n"))
      }
      announce("load", id, id.description)
    }
    guard !ids.isEmpty else {
      throw EngineError(.invalidArgument, "invalid archive: no image for \(Platform.host) in it")
    }
    return ids
  }

  /// The manifest a descriptor leads to, through indexes; nil where it is for another platform, or no image's.
  private func manifest(
    _ descriptor: Descriptor, _ intake: ArchiveIntake, depth: Int
  ) throws(EngineError) -> ImageManifest? {
    if let platform = descriptor.platform, !platform.serves(.host) { return nil }
    let path = Self.blobPath(descriptor.digest)
    if MediaType.isIndex(descriptor.mediaType) {
      guard depth < 4 else { throw EngineError(.invalidArgument, "invalid archive: indexes in indexes") }
      for inner in try Self.decode(ImageIndex.self, intake.document(path), path).manifests {
        if let found = try manifest(inner, intake, depth: depth + 1) { return found }
      }
      return nil
    }
    guard MediaType.isManifest(descriptor.mediaType) else { return nil }
    return try Self.decode(ImageManifest.self, intake.document(path), path)
  }

  private static func blobPath(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }

  /// containerd writes the full name; others write a tag, which names nothing alone.
  private static func name(in annotations: [String: String]) -> String? {
    if let name = annotations[ImageAnnotation.containerdName] { return name }
    guard let name = annotations[ImageAnnotation.refName], name.contains("/") || name.contains(":") else {
      return nil
    }
    return name
  }

  /// One image of an archive: its layers are put on each other, then its config is kept.
  private func take(
    _ bytes: [UInt8], _ path: String, layers: [String], _ intake: inout ArchiveIntake
  ) async throws(EngineError) -> Digest {
    let config = try Self.decode(ImageConfig.self, bytes, path)
    guard config.rootfs.diffIDs.count == layers.count else {
      throw EngineError(
        .invalidArgument,
        "invalid manifest, layers length mismatch: expected \(config.rootfs.diffIDs.count), got \(layers.count)"
      )
    }
    var top: Digest?
    for (layer, diffID) in zip(layers, config.rootfs.diffIDs) {
      top = try await intake.bind(layer, expecting: diffID, on: top, in: snapshots).chainID
    }
    return try await keep(bytes, config)
  }

  private func name(
    _ id: Digest, _ name: String, _ progress: @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) {
    let reference = try Self.parse(name).withDefaultTag
    if let old = names[Self.key(reference)], old != id {
      progress(
        .text(
          "The image \(reference.familiar) already exists, renaming the old one with ID \(old) to empty string\n"
        ))
    }
    try await setName(reference, to: id)
    progress(.text("Loaded image: \(reference.familiar)\n"))
  }

  static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8], _ what: String) throws(EngineError) -> T
  {
    do { return try JSON.decode(type, from: bytes) } catch {
      throw EngineError(.invalidArgument, "invalid \(what): \(error)", cause: error)
    }
  }
}
