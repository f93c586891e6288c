import Archive
import ContentStore
import EngineErrors
import Hashing
import ImageNames
import JSON
import OCISpec
import Snapshots

extension Images {
  /// An archive of images that `load`, dockerd and tools for OCI layouts read. Layers are written as they were:
  /// their digests hold.
  public func save(_ references: [String]) async throws(EngineError) -> any ByteSource {
    var writer = ArchiveWriter()
    for (id, names) in try selection(references) {
      let image = try await image(id)
      var layers: [Descriptor] = []
      for layer in image.layers {
        let snapshots = snapshots
        layers.append(writer.add(layer, try await snapshots.opener(of: layer)))
      }
      announce("save", id, id.description)
      writer.add(image, config: try content.get(id), layers, names: names)
    }
    return TarSource(writer.finish())
  }

  /// Which images, each once, with which of their names: all of a bare repository, one of a tag, none of an id.
  private func selection(_ references: [String]) throws(EngineError) -> [(Digest, [ImageReference])] {
    var order: [Digest] = []
    var chosen: [Digest: [ImageReference]] = [:]
    func choose(_ id: Digest, _ names: [ImageReference]) {
      if chosen[id] == nil { order.append(id) }
      chosen[id, default: []] += names.filter { !(chosen[id] ?? []).contains($0) }
    }
    for text in references {
      // A text that is no name may still be the beginning of an id, which `resolve` tells.
      let reference = try? ImageReference.parse(text)
      let tags = names.keys.filter { $0.hasPrefix("\(reference?.fullName ?? text):") }.sorted()
      if let reference, reference.isNameOnly, !tags.isEmpty {
        for tag in tags { if let id = names[tag] { choose(id, [try Self.parse(tag)]) } }
        continue
      }
      let id = try resolve(text)
      let isName = reference.map { names[Self.key($0)] == id } ?? false
      choose(id, isName ? reference.map { $0.digest == nil ? [$0.withDefaultTag] : [] } ?? [] : [])
    }
    return order.map { ($0, chosen[$0] ?? []) }
  }
}

/// Collects what an archive of images consists of: blobs once each, then the documents that lead to them.
private struct ArchiveWriter {
  private var blobs: [String: TarSource.Member] = [:]
  private var items: [ArchivedImage] = []
  private var manifests: [Descriptor] = []

  private func path(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }

  private func file(_ path: String, size: Int64) -> TarEntry {
    TarEntry(path, .file, mode: 0o644, size: UInt64(size))
  }

  mutating func add(_ layer: Layer, _ open: @escaping @Sendable () throws -> any ByteSource) -> Descriptor {
    let path = path(layer.diffID)
    blobs[path] = TarSource.Member(file(path, size: layer.archiveSize), open)
    return Descriptor(mediaType: MediaType.ociLayer, digest: layer.diffID, size: layer.archiveSize)
  }

  private mutating func add(_ bytes: [UInt8], _ mediaType: String) -> Descriptor {
    let digest = Digest(sha256: SHA256.hash(bytes))
    blobs[path(digest)] = TarSource.Member(file(path(digest), size: 0), bytes)
    return Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
  }

  mutating func add(_ image: Image, config: [UInt8], _ layers: [Descriptor], names: [ImageReference]) {
    let config = add(config, MediaType.ociConfig)
    let manifest = ImageManifest(mediaType: MediaType.ociManifest, config: config, layers: layers)
    var descriptor = add(JSON.encode(manifest), MediaType.ociManifest)
    for name in names {
      descriptor.annotations = [
        ImageAnnotation.containerdName: name.full, ImageAnnotation.refName: name.tag ?? "",
      ]
      manifests.append(descriptor)
    }
    if names.isEmpty { manifests.append(descriptor) }
    items.append(
      ArchivedImage(
        config: path(config.digest), repoTags: names.isEmpty ? nil : names.map(\.familiar),
        layers: layers.map { path($0.digest) }))
  }

  /// Blobs in order of their digests, then the documents.
  consuming func finish() -> [TarSource.Member] {
    func document(_ path: String, _ bytes: [UInt8]) -> TarSource.Member {
      TarSource.Member(file(path, size: 0), bytes)
    }
    let directories = ["blobs/", "blobs/sha256/"].map {
      TarSource.Member(TarEntry($0, .directory, mode: 0o755), [])
    }
    return directories + blobs.sorted { $0.key < $1.key }.map(\.value) + [
      document("index.json", JSON.encode(ImageIndex(manifests: manifests))),
      document("manifest.json", JSON.encode(items)), document("oci-layout", JSON.encode(ImageLayout())),
    ]
  }
}
