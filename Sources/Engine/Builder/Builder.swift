import Archive
import DockerAPI
import EngineErrors
import JSON
import Linux
import OCISpec
import Reactor
import Records
import Snapshots

/// Makes images from Dockerfiles, as docker's classic builder does, step after step.
///
/// What a build leaves is the image and the layers that its steps made, found again by the cache; everything else is
/// gone when `build` returns, throws or is cancelled.
public actor Builder {
  let images: any ImageStore
  let snapshots: Snapshots
  let runner: any StepRunner
  let downloader: (any Downloader)?
  let cache: BuildCache
  nonisolated let dataRoot: String
  let host: HostTrust.Host?
  let memory: MemoryDirectory
  let caches = CacheDirectories()
  /// Where clients leave connections to their ssh agents.
  public nonisolated let agents = AgentDesk()
  private var held: [String: Set<Digest>] = [:]

  /// `host` nil keeps RUN steps from learning anything of the host. The directory `tmp` of the data root must exist.
  public init(
    images: any ImageStore, snapshots: Snapshots, database: Database, runner: any StepRunner,
    downloader: (any Downloader)?, dataRoot: String, memory: MemoryDirectory, host: HostTrust.Host?
  ) throws(EngineError) {
    self.images = images
    self.snapshots = snapshots
    self.runner = runner
    self.downloader = downloader
    self.dataRoot = dataRoot
    self.memory = memory
    self.host = host
    cache = try BuildCache(database)
    try failing(.internal, "open the build directory") { try Self.sweep("\(dataRoot)/tmp") }
  }

  /// Builds the image and answers its id. `context` is a tar stream, plain or compressed; it is read to its end.
  /// Progress comes in docker's words, up to `Successfully tagged`.
  public func build(
    _ options: BuildOptions, context: any ByteSource,
    progress: @escaping @Sendable (ProgressMessage) async -> Void
  ) async throws -> Digest {
    try await build(options, progress: progress) { directory in
      try await blocking { () throws(EngineError) in
        try failing(.invalidArgument, "cannot read the build context") {
          try ContextDirectory.unpack(context, into: directory)
        }
      }
    }
  }

  /// Builds from what `fill` puts into the empty directory that it is given.
  func build(
    _ options: BuildOptions, progress: @escaping @Sendable (ProgressMessage) async -> Void,
    fill: @Sendable (String) async throws -> ContextDirectory
  ) async throws -> Digest {
    let workspace = "\(dataRoot)/tmp/\(Self.prefix)\(UInt64.random(in: 0 ... .max))"
    defer { held[workspace] = nil }
    if let lent = options.agents { try await agents.open(lent) }
    let output = BuildOutput(progress, quiet: options.quiet, tellsIDs: options.tellsIDs)
    do {
      try await blocking { () throws(EngineError) in
        try failing(.internal, "make the build directory") {
          try Files.makeDirectory(workspace, mode: 0o711)
          // Steps may have it mounted, and need not be root.
          try Files.makeDirectory("\(workspace)/context", mode: 0o755)
        }
      }
      let directory = try await fill("\(workspace)/context")
      let run = try BuildRun(
        builder: self, options: options, workspace: workspace, context: directory, output: output)
      let id = try await run.image()
      await end(workspace, options)
      return id
    } catch {
      await output.failed()
      await end(workspace, options)
      throw error
    }
  }

  private func end(_ workspace: String, _ options: BuildOptions) async {
    if let lent = options.agents { await agents.close(lent) }
    await cache.leave(workspace)
    // When steps were used last only says which are pruned first.
    try? await cache.saveUses()
    await Self.remove(workspace)
  }

  /// The layers that builds need besides images: what cached steps made, and what running builds stand on.
  public func heldChains() async -> Set<Digest> {
    await cache.chains.union(running)
  }

  /// What running builds stand on.
  var running: Set<Digest> { Set(held.values.joined()) }

  /// The directories of RUN --mount=type=cache.
  nonisolated var cacheMounts: String { "\(dataRoot)/build-caches" }

  /// Keeps a layer from being removed until the build is over.
  func hold(_ chain: Digest?, for build: String) {
    if let chain { held[build, default: []].insert(chain) }
  }

  static let prefix = "build-"

  static func remove(_ workspace: String) async {
    // What cannot be removed now is swept at the next start.
    await blocking { try? Files.removeTree(workspace) }
  }

  /// Removes what builds left when the daemon died.
  private static func sweep(_ directory: String) throws {
    try Files.makeDirectories(directory)
    for name in try Files.names(in: directory) where name.hasPrefix(prefix) {
      try Files.removeTree("\(directory)/\(name)")
    }
  }
}
