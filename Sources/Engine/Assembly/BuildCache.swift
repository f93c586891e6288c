import Builder
import Events
import Images
import OCISpec
import Snapshots

extension Engine {
  /// All that the build cache keeps, the oldest first.
  public func buildCacheEntries() async throws -> [CacheEntry] {
    try await builder.cacheEntries(ownedByImages: try await ownedLayers())
  }

  /// Removes from the build cache what `wish`, which has been checked, selects, and tells who listens.
  public func pruneBuildCache(_ wish: CachePrune) async throws -> Builder.Pruned {
    let pruned = try await builder.pruneCache(wish, ownedByImages: try await ownedLayers())
    events.publish(
      type: "builder", action: "prune", id: "", attributes: ["reclaimed": String(pruned.bytes)])
    return pruned
  }

  /// The layers that images have.
  private func ownedLayers() async throws -> Set<Digest> {
    Set(try await images.all().flatMap(\.layers).map(\.chainID))
  }
}
