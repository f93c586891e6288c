import DockerAPI
import EngineErrors
import ImageNames
import JSON
import OCISpec
import Reactor
import Registry
import Snapshots

extension Images {
  /// Fetches an image from its registry. Layers are unpacked while they arrive, as many at once as the engine's settings
  /// allow; those that are here already are not fetched. Cancelling the task stops the transfers.
  @discardableResult
  public func pull(
    reference: String, platform: Platform? = nil, auth: RegistryAuth? = nil,
    progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> Image {
    let name = try Self.parse(reference).withDefaultTag
    return try await stoppable { stop throws(EngineError) in
      try await pull(name, platform ?? .host, auth, stop, progress)
    }
  }

  private func pull(
    _ name: ImageReference, _ platform: Platform, _ auth: RegistryAuth?, _ stop: StopFlag,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> Image {
    let remote = try await registry.resolve(name, platform: platform, auth: auth, stop: stop)
    progress(.state("Pulling from \(name.familiarRepository)", id: name.tag ?? name.digest))
    let bytes = try await registry.config(of: remote)
    let config = try Self.decode(ImageConfig.self, bytes, "image config")
    guard config.rootfs.diffIDs.count == remote.manifest.layers.count else {
      throw EngineError(.internal, "image config and manifest of \(name.familiar) do not fit together")
    }
    let fetched = try await fetchLayers(remote, config, stop, progress)
    await turns.enter()
    defer { turns.leave() }
    try await bind(fetched, remote, config, progress)
    let before = names[Self.key(name)]
    let id = try await keep(bytes, config)
    try await setName(name, to: id)
    try await setName(name.withDigest(remote.digest.description), to: id)
    announce("pull", id, name.familiar)
    progress(.state("Digest: \(remote.digest)"))
    let verdict = before == id ? "Image is up to date" : "Downloaded newer image"
    progress(.state("Status: \(verdict) for \(name.familiar)"))
    return try await image(id)
  }

  /// Layers that have arrived, to be put on top of those that were here.
  private struct Fetched {
    var present: Int
    var loose: [LooseLayer]
  }

  private func fetchLayers(
    _ remote: Registry.RemoteImage, _ config: ImageConfig, _ stop: StopFlag,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> Fetched {
    let layers = remote.manifest.layers
    var present = 0
    for chain in ChainID.all(config.rootfs.diffIDs) {
      guard await snapshots.layer(chainID: chain) != nil else { break }
      present += 1
    }
    for (index, layer) in layers.enumerated() {
      progress(.state(index < present ? "Already exists" : "Pulling fs layer", id: layer.digest.short))
    }
    let missing = Array(layers[present...])
    return Fetched(present: present, loose: try await arrive(missing, remote, stop, progress))
  }

  private func bind(
    _ fetched: Fetched, _ remote: Registry.RemoteImage, _ config: ImageConfig,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) {
    let diffIDs = config.rootfs.diffIDs
    var top = fetched.present == 0 ? nil : ChainID.all(diffIDs)[fetched.present - 1]
    var left = fetched.loose[...]
    do throws(EngineError) {
      for index in fetched.present..<diffIDs.count {
        guard let loose = left.first else { break }
        let name = remote.manifest.layers[index].digest
        guard loose.diffID == diffIDs[index] else {
          throw EngineError(.internal, "layer \(name) is not what the image config promises")
        }
        left = left.dropFirst()
        top = try await snapshots.bind(loose, on: top).chainID
        progress(.state("Pull complete", id: name.short))
      }
      _ = try await snapshots.rootFileSystem(of: top)
    } catch {
      for loose in left { await snapshots.drop(loose) }
      throw error
    }
  }

  /// Unpacks layers while they arrive. When one fails the others are stopped, and nothing stays.
  private func arrive(
    _ layers: [Descriptor], _ remote: Registry.RemoteImage, _ stop: StopFlag,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> [LooseLayer] {
    let (snapshots, registry) = (snapshots, registry)
    let (arrived, failure) = await transferAll(layers, stop) { (layer) async throws(EngineError) in
      try await Self.fetch(layer, of: remote, registry, snapshots, stop, progress)
    }
    guard let failure else { return arrived }
    for loose in arrived { await snapshots.drop(loose) }
    throw failure
  }

  /// One layer, when its turn has come.
  private static func fetch(
    _ layer: Descriptor, of remote: Registry.RemoteImage, _ registry: Registry, _ snapshots: Snapshots,
    _ stop: StopFlag, _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) -> LooseLayer {
    try await registry.fetchInTurn(stop) { () async throws(EngineError) in
      let source = DownloadWatch(registry.layer(layer, of: remote), layer, progress)
      let loose = try await snapshots.unpack(source)
      progress(.state("Download complete", id: layer.digest.short))
      return loose
    }
  }
}

extension ImageReference {
  /// What docker's progress calls the repository: with `library/`, without the default registry.
  fileprivate var familiarRepository: String { domain == Self.defaultDomain ? path : fullName }
}
