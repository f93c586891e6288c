import EngineErrors
import Linux
import OCISpec
import Reactor
import Snapshots
import TextFormats

extension Builder {
  /// All that the cache keeps: the layers of cached steps, those that they stand on, and the directories of cache
  /// mounts; the oldest first.
  ///
  /// - Parameter owned: the layers that images have.
  public func cacheEntries(ownedByImages owned: Set<Digest>) async throws -> [CacheEntry] {
    let entries = await layerEntries(owned) + (try await mountEntries())
    return entries.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
  }

  private func layerEntries(_ owned: Set<Digest>) async -> [CacheEntry] {
    let histories = await cache.histories
    let layers = Dictionary(
      await snapshots.allLayers().map { ($0.chainID, $0) }, uniquingKeysWith: { first, _ in first })
    var needed: Set<Digest> = []
    for chain in running { needed.formUnion(Self.stack(under: chain, layers)) }
    var kept: Set<Digest> = []
    for chain in histories.keys { kept.formUnion(Self.stack(under: chain, layers)) }
    return kept.compactMap { chain in
      guard let layer = layers[chain] else { return nil }
      var entry = CacheEntry(
        id: chain.hex, parent: layer.parent?.hex, kind: .layer, description: "layer \(layer.diffID)",
        size: layer.size)
      entry.isInUse = needed.contains(chain)
      entry.isShared = owned.contains(chain)
      if let history = histories[chain] {
        (entry.created, entry.lastUsed, entry.uses) = (history.created, history.lastUsed, history.uses)
      }
      return entry
    }
  }

  private static func stack(under top: Digest, _ layers: [Digest: Layer]) -> [Digest] {
    Array(sequence(first: top) { layers[$0]?.parent })
  }

  private func mountEntries() async throws -> [CacheEntry] {
    let directory = cacheMounts
    let found = try await blocking { () throws(any Error) -> [CacheEntry] in
      guard Files.isDirectory(directory) else { return [] }
      var entries: [CacheEntry] = []
      for name in try Files.names(in: directory) {
        let path = "\(directory)/\(name)"
        // One that has been pruned meanwhile is passed over.
        guard let status = try? Files.status(path) else { continue }
        let used = Timestamp(
          nanoseconds: status.modified.seconds * 1_000_000_000 + Int64(status.modified.nanoseconds)
        ).rfc3339
        var entry = CacheEntry(
          id: name, kind: .mount, description: "cached mount \(name)", size: try TreeSize.bytes(in: path))
        (entry.created, entry.lastUsed) = (used, used)
        entries.append(entry)
      }
      return entries
    }
    var entries: [CacheEntry] = []
    for var entry in found {
      entry.isInUse = await caches.isInUse(entry.id)
      entries.append(entry)
    }
    return entries
  }

  /// What pruning removed: entries by their id, and the bytes that are free now.
  public struct Pruned: Sendable {
    public var ids: [String]
    public var bytes: Int64
  }

  /// Forgets what `wish` selects, and removes the layers and directories that nobody else needs.
  public func pruneCache(_ wish: CachePrune, ownedByImages owned: Set<Digest>) async throws -> Pruned {
    try wish.check()
    let entries = try await cacheEntries(ownedByImages: owned)
    let root = dataRoot
    let free = try await blocking { () throws(EngineError) -> Int64 in
      try failing(.internal, "look for free space") {
        let disk = try FileSystemStatus.of(root)
        return Int64(
          clamping: disk.availableBlocks.multipliedReportingOverflow(by: disk.blockSize).partialValue)
      }
    }
    let selected = Set(try wish.selection(of: entries, free: free))
    var pruned = Pruned(ids: [], bytes: 0)
    for entry in entries where entry.kind == .mount && selected.contains(entry.id) {
      guard try await removeMount(entry.id) else { continue }
      pruned.ids.append(entry.id)
      pruned.bytes += entry.size
    }
    let before = await snapshots.allLayers()
    if wish.isTotal { try await cache.clear() } else { try await cache.forget { selected.contains($0.hex) } }
    try await images.sweepLayers()
    let left = Set(await snapshots.allLayers().map(\.chainID))
    let gone = before.filter { !left.contains($0.chainID) }
    pruned.ids += entries.filter { $0.kind == .layer && selected.contains($0.id) }.map(\.id)
    let told = Set(pruned.ids)
    pruned.ids += gone.map(\.chainID.hex).filter { !told.contains($0) }
    pruned.bytes += gone.reduce(0) { $0 + $1.size }
    return pruned
  }

  /// False where a step uses it by now.
  private func removeMount(_ name: String) async throws -> Bool {
    guard await caches.claim(name) else { return false }
    let path = "\(cacheMounts)/\(name)"
    let result: Result<Void, any Error>
    do {
      result = .success(
        try await blocking { () throws(EngineError) in
          try failing(.internal, "remove a cache directory") { try Files.removeTree(path) }
        })
    } catch {
      result = .failure(error)
    }
    await caches.release(name)
    try result.get()
    return true
  }
}
