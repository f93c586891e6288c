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
    let needed = Self.stacks(under: running, layers)
    return Self.stacks(under: histories.keys, layers).compactMap { chain in
      guard let layer = layers[chain] else { return nil }
      var entry = CacheEntry(layer)
      entry.isInUse = needed.contains(chain)
      entry.isShared = owned.contains(chain)
      if let history = histories[chain] {
        (entry.created, entry.lastUsed, entry.uses) = (history.created, history.lastUsed, history.uses)
      }
      return entry
    }
  }

  /// The chains and all that they stand on.
  private static func stacks(under tops: some Sequence<Digest>, _ layers: [Digest: Layer]) -> Set<Digest> {
    var stacks: Set<Digest> = []
    for top in tops {
      var next: Digest? = top
      while let chain = next, stacks.insert(chain).inserted { next = layers[chain]?.parent }
    }
    return stacks
  }

  private func mountEntries() async throws -> [CacheEntry] {
    let directory = cacheMounts
    var entries = try await blocking { () throws(any Error) -> [CacheEntry] in
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
    let inUse = await caches.inUse
    for index in entries.indices { entries[index].isInUse = inUse.contains(entries[index].id) }
    return entries
  }

  /// What pruning removed, and the bytes that are free now.
  public struct Pruned: Sendable {
    public var entries: [CacheEntry]
    public var bytes: Int64
  }

  /// Forgets what `wish`, which has been checked, selects, and removes the layers and directories that nobody else needs.
  public func pruneCache(_ wish: CachePrune, ownedByImages owned: Set<Digest>) async throws -> Pruned {
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
    var pruned = Pruned(entries: [], bytes: 0)
    for entry in entries where entry.kind == .mount && selected.contains(entry.id) {
      guard try await removeMount(entry.id) else { continue }
      pruned.entries.append(entry)
      pruned.bytes += entry.size
    }
    let before = await snapshots.allLayers()
    if wish.isTotal { try await cache.clear() } else { try await cache.forget { selected.contains($0.hex) } }
    try await images.sweepLayers()
    let left = Set(await snapshots.allLayers().map(\.chainID))
    let gone = before.filter { !left.contains($0.chainID) }
    pruned.entries += entries.filter { $0.kind == .layer && selected.contains($0.id) }
    pruned.entries += gone.map(CacheEntry.init).filter { !selected.contains($0.id) }
    pruned.bytes += gone.reduce(0) { $0 + $1.size }
    return pruned
  }

  /// False where a step uses it by now.
  private func removeMount(_ name: String) async throws -> Bool {
    guard await caches.claim(name) else { return false }
    let path = "\(cacheMounts)/\(name)"
    do {
      try await blocking { () throws(EngineError) in
        try failing(.internal, "remove a cache directory") { try Files.removeTree(path) }
      }
    } catch {
      await caches.release(name)
      throw error
    }
    await caches.release(name)
    return true
  }
}

extension CacheEntry {
  fileprivate init(_ layer: Layer) {
    self.init(
      id: layer.chainID.hex, parent: layer.parent?.hex, kind: .layer, description: "layer \(layer.diffID)",
      size: layer.size)
  }
}
