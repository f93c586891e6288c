import ContentStore
import DockerAPI
import EngineErrors
import Filtering
import ImageNames
import OCISpec
import Reactor
import Records
import Snapshots
import TextFormats

extension Images {
  /// Which containers were made from an image.
  public typealias Uses = @Sendable (Digest) async -> [ContainerUse]

  /// Removes a name, and the image with its last name; by an id, the image with all of its names.
  /// A name's removal leaves an image that containers use unless that is its only name, then it is refused without `force`.
  public func remove(
    _ reference: String, force: Bool, usedBy uses: @escaping Uses
  ) async throws(EngineError) -> [ImageDeleteItem] {
    await turns.enter()
    defer { turns.leave() }
    let id = try resolve(reference)
    let users = await uses(id)
    var items: [ImageDeleteItem] = []
    let isName = !Self.isPrefix(reference, of: id)
    if isName {
      let name = try Self.parse(reference).withDefaultTag
      let remaining = references(of: id)
      if Self.areOfOneRepository(remaining), !force, let user = users.first {
        throw EngineError(
          .conflict,
          "conflict: unable to remove repository reference \"\(reference)\" (must force) - container \(Self.short(user.id)) is using its referenced image \(id.short)"
        )
      }
      try await removeName(name, of: id, &items)
      try await removeDigests(besides: name, of: id, &items)
      if !references(of: id).isEmpty { return items }
    }
    if let conflict = conflict(id, users, force: force) {
      // The name is gone, as asked; the image stays for those who use it.
      if isName && !users.isEmpty { return items }
      throw conflict
    }
    try await delete(id, &items)
    return items
  }

  /// Why the image itself cannot go.
  private func conflict(_ id: Digest, _ users: [ContainerUse], force: Bool) -> EngineError? {
    func refusal(_ hard: Bool, _ why: String) -> EngineError {
      EngineError(
        .conflict,
        "conflict: unable to delete \(id.short) (\(hard ? "cannot be forced" : "must be forced")) - \(why)")
    }
    if let running = users.first(where: \.isRunning) {
      return refusal(true, "image is being used by running container \(Self.short(running.id))")
    }
    if force { return nil }
    if !Self.areOfOneRepository(references(of: id)) {
      return refusal(false, "image is referenced in multiple repositories")
    }
    if let stopped = users.first {
      return refusal(false, "image is being used by stopped container \(Self.short(stopped.id))")
    }
    return nil
  }

  /// Whether there is at most one tag, and digests of its repository only.
  private static func areOfOneRepository(_ references: [ImageReference]) -> Bool {
    references.filter { $0.digest == nil }.count <= 1 && Set(references.map(\.fullName)).count <= 1
  }

  private static func isPrefix(_ text: String, of id: Digest) -> Bool {
    id.description.hasPrefix(text) || id.hex.hasPrefix(text)
  }

  private static func short(_ id: String) -> String { String(id.prefix(12)) }

  private func removeName(
    _ reference: ImageReference, of id: Digest, _ items: inout [ImageDeleteItem]
  ) async throws(EngineError) {
    let key = Self.key(reference)
    try await nameTable.remove(key)
    names[key] = nil
    // The stored reference has either a tag or a digest.
    let shown = reference.digest.map { reference.withDigest($0) } ?? reference
    var item = ImageDeleteItem()
    item.untagged = shown.familiar
    items.append(item)
    announce("untag", id, id.description)
  }

  /// With the last tag of a repository its digests go too.
  private func removeDigests(
    besides name: ImageReference, of id: Digest, _ items: inout [ImageDeleteItem]
  ) async throws(EngineError) {
    guard name.digest == nil else { return }
    let same = references(of: id).filter { $0.fullName == name.fullName }
    guard same.allSatisfy({ $0.digest != nil }) else { return }
    for reference in same { try await removeName(reference, of: id, &items) }
  }

  /// Removes the image with its names, and the layers that nobody else needs.
  func delete(_ id: Digest, _ items: inout [ImageDeleteItem]) async throws(EngineError) {
    guard let image = known[id] else { return }
    let all = references(of: id)
    var batch = Batch()
    for reference in all {
      batch.remove(Self.key(reference), in: nameTable)
      var item = ImageDeleteItem()
      item.untagged = reference.familiar
      items.append(item)
    }
    batch.remove(id.description, in: records)
    try await database.commit(batch)
    for reference in all {
      names[Self.key(reference)] = nil
      announce("untag", id, id.description)
    }
    known[id] = nil
    try await content.remove(id)
    var item = ImageDeleteItem()
    item.deleted = id.description
    items.append(item)
    announce("delete", id, id.description)
    for chain in try await removeLayers(image.chains) {
      var item = ImageDeleteItem()
      item.deleted = chain.description
      items.append(item)
    }
  }

  /// Removes layers from the top of a stack down, as far as nobody needs them; returns the chains removed.
  private func removeLayers(_ chains: [Digest]) async throws(EngineError) -> [Digest] {
    let needed = await neededChains()
    var removed: [Digest] = []
    for chain in chains.reversed() {
      if needed.contains(chain) { break }
      if await snapshots.isInUse(chain) { break }
      try await snapshots.remove(chainID: chain)
      removed.append(chain)
    }
    return removed
  }

  /// The chains of every image, and those that holders name.
  func neededChains() async -> Set<Digest> {
    var needed = Set(known.values.flatMap(\.chains))
    for holder in holders {
      for top in await holder() { needed.formUnion(await snapshots.chain(of: top).map(\.chainID)) }
    }
    return needed
  }

  /// Removes layers that no image, container or holder needs: what a crash between two steps left.
  /// To be called when every holder is known.
  public func removeOrphans() async throws(EngineError) {
    await turns.enter()
    defer { turns.leave() }
    let needed = await neededChains()
    var orphans = await snapshots.allLayers().filter { !needed.contains($0.chainID) }
    while !orphans.isEmpty {
      var left: [Layer] = []
      for layer in orphans {
        if await snapshots.isInUse(layer.chainID) {
          left.append(layer)
        } else {
          try await snapshots.remove(chainID: layer.chainID)
        }
      }
      if left.count == orphans.count { return }
      orphans = left
    }
  }

  /// Removes images that nobody uses: those without a tag, or with `dangling=false` those that no container uses.
  public func prune(filters: Filters, usedBy uses: @escaping Uses) async throws(EngineError) -> PruneReport {
    try filters.admit(["dangling", "label", "label!", "until"])
    await turns.enter()
    defer { turns.leave() }
    let danglingOnly = try filters.flag("dangling") ?? true
    let until = try filters.until()?.seconds
    var report = PruneReport()
    var items: [ImageDeleteItem] = []
    for image in try await all() {
      if danglingOnly && !image.names.isEmpty { continue }
      if let until, image.created >= until { continue }
      guard filters.acceptLabels(image.config.config?.labels ?? [:]), await uses(image.id).isEmpty else {
        continue
      }
      let before = items.count
      try await delete(image.id, &items)
      let gone = Set(items[before...].compactMap(\.deleted))
      report.spaceReclaimed += image.layers.filter { gone.contains($0.chainID.description) }.reduce(0) {
        $0 + $1.size
      }
    }
    report.imagesDeleted = items
    announcePrune(report.spaceReclaimed)
    return report
  }
}
