import OCISpec
import Snapshots

extension Builder {
  /// A layer that is kept for cached steps.
  public struct CachedLayer: Sendable {
    public var layer: Layer
    /// RFC 3339; empty for one that only the cached ones stand on.
    public var created: String
    /// Whether an image has it too: then pruning the cache does not free it.
    public var isShared: Bool
  }

  /// The layers of cached steps and those that they stand on, the oldest first.
  ///
  /// - Parameter owned: the layers that images have.
  public func cachedLayers(ownedByImages owned: Set<Digest>) async -> [CachedLayer] {
    let creations = await cache.creations
    let layers = Dictionary(
      await snapshots.allLayers().map { ($0.chainID, $0) }, uniquingKeysWith: { first, _ in first })
    var kept: Set<Digest> = []
    for chain in creations.keys {
      var next: Digest? = chain
      while let chain = next, kept.insert(chain).inserted { next = layers[chain]?.parent }
    }
    return kept.compactMap { chain in
      layers[chain].map {
        CachedLayer(layer: $0, created: creations[chain] ?? "", isShared: owned.contains(chain))
      }
    }
    .sorted { ($0.created, $0.layer.name) < ($1.created, $1.layer.name) }
  }
}
