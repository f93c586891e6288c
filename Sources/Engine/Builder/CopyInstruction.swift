import DockerAPI
import Dockerfile
import EngineErrors
import Hashing
import Linux
import OCISpec
import PathPatterns
import Reactor
import Snapshots

/// COPY and ADD.
extension BuildRun {
  func copy(_ copy: Instruction.Copy, in index: Int, on state: inout StageState) async throws {
    let keyword = copy.isAdd ? "ADD" : "COPY"
    if let files = try await files(copy.from) {
      let fetched = try await copy.from == nil ? fetch(copy) : FetchedSources()
      try await perform(copy, keyword, from: SourceTree(files), cachedBy: nil, fetched, on: &state)
    } else if let from = copy.from {
      try await self.copy(copy, keyword, from: try await source(named: from, in: index), on: &state)
    }
  }

  private func copy(
    _ copy: Instruction.Copy, _ keyword: String, from source: Digest?, on state: inout StageState
  ) async throws {
    let snapshots = builder.snapshots
    var changed = state
    changed = try await snapshots.withMounted(try await snapshots.rootFileSystem(of: source), readOnly: true)
    { [changed] path in
      var state = changed
      let tree = SourceTree(path: path, digests: [:], keepsOwners: copy.chown.isEmpty)
      try await perform(copy, keyword, from: tree, cachedBy: source, FetchedSources(), on: &state)
      return state
    }
    state = changed
  }

  /// The topmost layer of the stage or image that `from` names; nil where it has none.
  func source(named from: String, in index: Int) async throws -> Digest? {
    if let stage = plan.stage(from, before: index) { return try await self.stage(stage).top }
    if let number = Int(from), number >= index {
      throw EngineError(.invalidArgument, "invalid from flag value \(from): refers to current build stage")
    }
    do {
      let top = try await image(from, platform: options.platform).top
      await builder.hold(top, for: workspace)
      return top
    } catch let error as EngineError {
      throw EngineError(error.kind, "invalid from flag value \(from): \(error.message)", cause: error)
    }
  }

  private func perform(
    _ copy: Instruction.Copy, _ keyword: String, from tree: SourceTree, cachedBy source: Digest?,
    _ fetched: FetchedSources, on state: inout StageState
  ) async throws {
    let work = try CopyWork(
      copy, keyword: keyword, tree: tree, fetched: fetched, directory: state.workingDirectory)
    let sources = try await blocking { () throws(EngineError) in try work.findSources() }
    var digests: [String] = []
    for path in sources { digests.append(try await digest(of: path, work, source)) }
    digests += work.otherDigests
    let digest = digests.count == 1 ? digests[0] : "multi:" + SHA256.hex(of: digests.joined(separator: ","))
    let flags =
      (copy.chown.isEmpty ? "" : "--chown=\(copy.chown) ")
      + (copy.chmod.isEmpty ? "" : "--chmod=\(copy.chmod) ")
    let createdBy =
      "\(state.shell.joined(separator: " ")) #(nop) \(keyword) \(flags)\(digest) in \(copy.destination) "
    let names = sources.map(SlashPath.base) + work.otherNames
    let key = BuildCache.key(
      parent: try Self.id(of: state),
      ["copy", keyword, flags, "\(copy.parents)", "\(String(describing: copy.unpack))", work.destination]
        + names + [""] + digests)
    if try await cached(key, createdBy: createdBy, on: &state) { return }
    let layerPath = try await layerDirectory()
    let snapshots = builder.snapshots
    try await snapshots.withMounted(try await snapshots.rootFileSystem(of: state.top), readOnly: true) {
      image in
      try await blocking { () throws(EngineError) in try work.write(sources, image: image, layer: layerPath) }
    }
    let layer = try await snapshots.adopt(directory: layerPath, on: state.top)
    try await finish(key, createdBy: createdBy, layer: layer, on: &state)
  }

  /// Files of an image never change, so their digest is remembered.
  private func digest(of path: String, _ work: CopyWork, _ source: Digest?) async throws -> String {
    let key = source.map { "\($0):\(work.copy.chown.isEmpty):\(work.copy.excludes):\(path)" }
    if let key, let known = await builder.cache.digest(of: key) { return known }
    let digest = try await blocking { () throws(EngineError) in
      try failing(.internal, "hash \(path)") { try work.tree.digest(path, excluding: work.excludes) }
    }
    if let key { try await builder.cache.keep(digest: digest, of: key) }
    return digest
  }
}
