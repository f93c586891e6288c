import Archive
import EngineErrors
import Linux
import OCISpec
import Reactor
import Records
import ShimProtocol

/// Layers as directories, stacked by overlayfs, and the writable directories of containers on top of them.
///
///     data-root/layers/<n>            a layer's files
///     data-root/layers/<n>.frame      its archive without the files' contents
///     data-root/layers/<n>.kept/      files that the archive itself replaced
///     data-root/layers/<n>.new        being filled; swept at the next start
///     data-root/containers/<id>/      upper, work
///
/// A layer exists when its record does: what has none is swept at the start. Files reach the disk some time after the
/// record; a layer whose files may not have when the machine went down counts as lost.
public actor Snapshots {
  nonisolated public let layersDirectory: String
  nonisolated let dataRoot: String
  nonisolated let mask: UInt32
  nonisolated let database: Database
  nonisolated let layerTable: Table<Layer>
  nonisolated let snapshotTable: Table<Snapshot>
  /// Chains whose layers may not be on disk yet, with the run of the kernel that wrote them.
  nonisolated let unsyncedTable: Table<String>
  nonisolated let bootID: String
  /// Whether directories of layers were left at the start that no record knew.
  nonisolated public let hasStrangers: Bool

  /// Where files that are about to become something else may lie.
  nonisolated public var spoolDirectory: String { "\(dataRoot)/tmp" }

  /// What a writable directory stands on.
  struct Snapshot: Codable, Sendable {
    let top: Digest?
  }

  /// The lower directory of what stands on nothing: overlayfs wants one.
  static let emptyLayer = "empty"

  var layers: [Digest: Layer] = [:]
  var snapshots: [String: Snapshot] = [:]
  var nextNumber = 1
  var unsynced: Set<Digest> = []
  var isSyncing = false

  /// Opens the store, and removes what a crash left half-done.
  public init(dataRoot: String, database: Database) throws(EngineError) {
    self.dataRoot = dataRoot
    self.database = database
    layersDirectory = "\(dataRoot)/layers"
    layerTable = Table("layers", in: database)
    snapshotTable = Table("snapshots", in: database)
    unsyncedTable = Table("layers-unsynced", in: database)
    mask = CreationMask.current()
    let boot = try failing(.internal, "open layers") { try BootID.current() }
    bootID = boot
    let pending = try unsyncedTable.all()
    let lost = Set(pending.filter { $0.value != boot }.map(\.key))
    unsynced = Set(pending.filter { $0.value == boot }.compactMap { Digest($0.key) })
    for (key, layer) in try layerTable.all() where !lost.contains(key) {
      layers[layer.chainID] = layer
    }
    for (id, snapshot) in try snapshotTable.all() { snapshots[id] = snapshot }
    let (directory, known) = (layersDirectory, Set(layers.values.map(\.name)))
    let names = try failing(.internal, "open layers") {
      try Files.makeDirectories("\(directory)/\(Self.emptyLayer)")
      try Files.makeDirectories("\(dataRoot)/containers")
      try Files.makeDirectories("\(dataRoot)/tmp")
      try Self.sweepSpool("\(dataRoot)/tmp")
      let names = try Files.names(in: directory)
      if database.isWhole { try Self.sweep(names, in: directory, keeping: known) }
      return names
    }
    hasStrangers = !database.isWhole && names.contains { Int($0) != nil && !known.contains($0) }
    nextNumber = (names.compactMap(Self.number).max() ?? 0) + 1
  }

  /// The number of the layer that a name belongs to.
  private static func number(_ name: String) -> Int? { Int(name.prefix { $0 != "." }) }

  private static func sweepSpool(_ directory: String) throws(SyscallError) {
    for name in try Files.names(in: directory) {
      let path = "\(directory)/\(name)"
      if name.hasPrefix("copy-") { try Files.unlink(path) }
      guard name.hasPrefix("mount-") else { continue }
      // A crash between mounting and taking the mount out of the tree; mostly there is none, which is an error.
      try? Mounts.unmount(path, detach: true)
      try Files.removeDirectory(path)
    }
  }

  private static func sweep(
    _ names: [String], in directory: String, keeping known: Set<String>
  ) throws(SyscallError) {
    for name in names where name != emptyLayer {
      let isCompanion = name.hasSuffix(".frame") || name.hasSuffix(".kept")
      let layer = isCompanion ? String(name.prefix { $0 != "." }) : name
      if !known.contains(layer) { try Files.removeTree("\(directory)/\(name)") }
    }
  }

  // MARK: what there is

  /// The layer on top of that chain, if it is here.
  public func layer(chainID: Digest) -> Layer? { layers[chainID] }

  /// The layers of a chain, lowest first; empty for nil or where one is missing.
  public func chain(of top: Digest?) -> [Layer] {
    var chain: [Layer] = []
    var next = top
    while let id = next {
      guard let layer = layers[id] else { return [] }
      chain.append(layer)
      next = layer.parent
    }
    return chain.reversed()
  }

  /// Every layer, in no order.
  public func allLayers() -> [Layer] { Array(layers.values) }

  /// The chain that the writable directory `id` stands on; nil also where there is no such directory.
  public func top(of id: String) -> Digest? { snapshots[id]?.top }

  // MARK: writable directories

  /// Makes `containers/<id>/upper` and `work` on top of a chain.
  /// With `isMarked` the root has an empty `/.dockerenv`, by which programs tell that they are in a container, and
  /// `/etc/mtab` leads to `/proc/mounts`.
  public func prepare(_ id: String, on top: Digest?, isMarked: Bool = false) async throws(EngineError)
    -> RootFileSystem
  {
    let chain = try checkedChain(of: top)
    let snapshot = Snapshot(top: top)
    try await snapshotTable.put(id, snapshot)
    snapshots[id] = snapshot
    let (directory, look) = (containerDirectory(id), lookOfRoot(chain.last))
    let layers = lower(chain).map { "\(layersDirectory)/\($0)" }
    try await blocking { () throws(EngineError) in
      try failing(.internal, "prepare \(id)") {
        try Files.makeDirectories("\(directory)/upper")
        try Files.makeDirectories("\(directory)/work", mode: 0o711)
        if isMarked {
          try Files.write("\(directory)/upper/.dockerenv", [], mode: 0o755)
          try MountTable.add(to: "\(directory)/upper", above: layers)
        }
        try look().apply(to: FileDescriptor.open("\(directory)/upper", .directory))
      }
    }
    return rootFileSystem(of: id, chain)
  }

  /// The stack of a writable directory prepared before.
  public func rootFileSystem(_ id: String) throws(EngineError) -> RootFileSystem {
    guard let snapshot = snapshots[id] else { throw .notFound("snapshot", id) }
    return rootFileSystem(of: id, try checkedChain(of: snapshot.top))
  }

  /// The stack of a chain alone, read-only.
  public func rootFileSystem(of top: Digest?) throws(EngineError) -> RootFileSystem {
    RootFileSystem(
      layersDirectory: layersDirectory, lower: lower(try checkedChain(of: top)), upper: nil, work: nil)
  }

  /// Removes the writable directory; one that is not there is fine.
  public func discard(_ id: String) async throws(EngineError) {
    let directory = containerDirectory(id)
    try await blocking { () throws(EngineError) in
      try failing(.internal, "discard \(id)") {
        try Files.removeTree("\(directory)/upper")
        try Files.removeTree("\(directory)/work")
      }
    }
    snapshots[id] = nil
    try await snapshotTable.remove(id)
  }

  /// Removes every writable directory that nobody knows any more, with the rest of its directory.
  public func sweep(keeping known: Set<String>) async throws(EngineError) {
    for id in snapshots.keys where !known.contains(id) {
      try await discard(id)
      let directory = containerDirectory(id)
      try await blocking { () throws(EngineError) in
        try failing(.internal, "sweep \(id)") { try Files.removeTree(directory) }
      }
    }
  }

  /// Bytes in the writable directory.
  public func usage(_ id: String) async throws(EngineError) -> Int64 {
    let upper = "\(containerDirectory(id))/upper"
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "measure \(id)") { try TreeSize.bytes(in: upper) }
    }
  }

  /// What differs between the writable directory and what it stands on: 0 modified, 1 added, 2 deleted.
  public func changes(
    _ id: String, mountPoints: MountPoints = MountPoints([])
  ) async throws(EngineError) -> [(path: String, kind: Int)] {
    guard let snapshot = snapshots[id] else { throw .notFound("snapshot", id) }
    let names = try checkedChain(of: snapshot.top).reversed().map(\.name)
    let (upper, layers) = ("\(containerDirectory(id))/upper", layersDirectory)
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "compare \(id)") {
        try TreeChanges(upper: upper, lower: names, in: layers, mountPoints: mountPoints).all()
      }
    }
  }

  // MARK: shared steps

  nonisolated func containerDirectory(_ id: String) -> String { "\(dataRoot)/containers/\(id)" }

  func checkedChain(of top: Digest?) throws(EngineError) -> [Layer] {
    let chain = chain(of: top)
    if let top, chain.isEmpty { throw .notFound("layer", top.description) }
    return chain
  }

  func lower(_ chain: [Layer]) -> [String] {
    chain.isEmpty ? [Self.emptyLayer] : chain.reversed().map(\.name)
  }

  private func rootFileSystem(of id: String, _ chain: [Layer]) -> RootFileSystem {
    let directory = containerDirectory(id)
    return RootFileSystem(
      layersDirectory: layersDirectory, lower: lower(chain), upper: "\(directory)/upper",
      work: "\(directory)/work")
  }

  /// How the root of what stands on `layer` shall look.
  func lookOfRoot(_ layer: Layer?) -> @Sendable () throws(SyscallError) -> RootLook {
    guard let layer else { return { () throws(SyscallError) in .plain } }
    let path = "\(layersDirectory)/\(layer.name)"
    return { () throws(SyscallError) in RootLook(try Files.status(path)) }
  }
}
