import Archive
import Compression
import EngineErrors
import Hashing
import Linux
import OCISpec
import Reactor
import Records

/// A layer whose files stand in an aside directory, bound to no chain yet: layers need not arrive in order.
public struct LooseLayer: Sendable {
  public let diffID: Digest
  let number: String
  let size: Int64
  let archiveSize: Int64
  let isReproducible: Bool
}

extension Snapshots {
  /// Unpacks an archive, plain or compressed, into a layer of its own. It must be bound or dropped afterwards.
  public func unpack(_ tar: any ByteSource) async throws(EngineError) -> LooseLayer {
    let number = takeNumber()
    let (aside, frame, kept, mask) = (asidePath(number), framePath(number), keptFiles(number), mask)
    return try await blocking { () throws(EngineError) in
      try Self.cleaningUp([aside, frame, kept.path]) {
        try Files.makeDirectory(aside)
        let recorder = FrameRecorder(try FileDescriptor.open(frame, [.writeOnly, .create, .truncate]))
        let unpacker = LayerUnpacker(
          into: try .open(aside, .directory), mask: mask, recorder: recorder, kept: kept)
        let hasher = Hasher()
        try unpacker.unpack(ObservedSource(DecompressedSource(tar)) { hasher.update($0) })
        try recorder.finish()
        let diffID = hasher.finish()
        let isSame =
          try !unpacker.hasReplaced
          || Self.digest(
            FramedSource(
              frame: .open(frame, .readOnly), root: .open(aside, .directory), kept: kept)) == diffID
        return LooseLayer(
          diffID: diffID, number: number, size: unpacker.size, archiveSize: hasher.count,
          isReproducible: isSame)
      }
    }
  }

  /// Puts a loose layer on top of a chain. Where the same layer stands there already, that one is the answer.
  public func bind(_ loose: LooseLayer, on parent: Digest?) async throws(EngineError) -> Layer {
    do {
      _ = try checkedChain(of: parent)
    } catch {
      await drop(loose)
      throw error
    }
    let layer = Layer(
      name: loose.number, chainID: ChainID.of(loose.diffID, on: parent), diffID: loose.diffID, parent: parent,
      size: loose.size, archiveSize: loose.archiveSize, isReproducible: loose.isReproducible)
    return try await keep(layer, from: asidePath(loose.number))
  }

  /// Forgets a loose layer.
  public func drop(_ loose: LooseLayer) async {
    let paths = [asidePath(loose.number), framePath(loose.number), keptFiles(loose.number).path]
    await blocking {
      // What cannot be removed now is swept at the next start.
      for path in paths { try? Files.removeTree(path) }
    }
  }

  /// Unpacks an archive, plain or compressed, on top of a chain; refused when its digest is another than promised.
  public func unpack(
    _ tar: any ByteSource, on parent: Digest?, expecting diffID: Digest?
  ) async throws(EngineError) -> Layer {
    let loose = try await unpack(tar)
    if let diffID, diffID != loose.diffID {
      await drop(loose)
      throw EngineError(
        .invalidArgument,
        "\(UnpackError.digest(expected: diffID.description, actual: loose.diffID.description))")
    }
    return try await bind(loose, on: parent)
  }

  /// Turns the writable directory `id` into a layer on top of what it stands on, by rename; `id` is gone afterwards.
  /// Nothing may have it mounted any more.
  public func commit(_ id: String) async throws(EngineError) -> Layer {
    guard let snapshot = snapshots[id] else { throw .notFound("snapshot", id) }
    let layer = try await adopt(directory: "\(containerDirectory(id))/upper", on: snapshot.top)
    try await discard(id)
    return layer
  }

  /// Copies the writable directory `id` as it is now into a layer; `id` stays.
  public func copy(
    _ id: String, mountPoints: MountPoints = MountPoints([])
  ) async throws(EngineError) -> Layer {
    guard let snapshot = snapshots[id] else { throw .notFound("snapshot", id) }
    let chain = chain(of: snapshot.top)
    let look = lookOfRoot(chain.last)
    let (names, layers) = (chain.reversed().map(\.name), layersDirectory)
    let upper = "\(containerDirectory(id))/upper"
    let aside = "\(dataRoot)/tmp/copy-\(takeNumber()).tar"
    let source = try await blocking { () throws(EngineError) in
      try Self.cleaningUp([aside]) {
        let file = OpenDirectory(try FileDescriptor.open(aside, [.readWrite, .create, .truncate]))
        let bare = try TreeChanges(upper: upper, lower: names, in: layers, mountPoints: mountPoints)
          .bareDirectories()
        let packer = LayerPacker(recorder: nil, mountPoints: mountPoints, bare: bare) {
          try file.descriptor.writeAll($0)
        }
        try packer.pack(try .open(upper, .directory), plainRoot: try look())
        try Files.unlink(aside)
        try file.descriptor.seek(to: 0)
        return DescriptorSource(try file.descriptor.duplicate())
      }
    }
    return try await unpack(source, on: snapshot.top, expecting: nil)
  }

  /// Makes a directory of files into a layer on top of a chain, by rename. It must lie in the data root's file system.
  public func adopt(directory: String, on parent: Digest?) async throws(EngineError) -> Layer {
    let look = lookOfRoot(try checkedChain(of: parent).last)
    let number = takeNumber()
    let (aside, frame) = (asidePath(number), framePath(number))
    let (diffID, size, archiveSize) = try await blocking { () throws(EngineError) in
      try Self.cleaningUp([frame]) {
        let recorder = FrameRecorder(try FileDescriptor.open(frame, [.writeOnly, .create, .truncate]))
        let hasher = SHA256()
        var count: Int64 = 0
        let packer = LayerPacker(recorder: recorder) { bytes in
          hasher.update(bytes)
          count += Int64(bytes.count)
        }
        try packer.pack(try .open(directory, .directory), plainRoot: try look())
        try recorder.finish()
        try Files.rename(directory, to: aside)
        return (Digest(sha256: hasher.finish()), packer.size, count)
      }
    }
    let layer = Layer(
      name: number, chainID: ChainID.of(diffID, on: parent), diffID: diffID, parent: parent, size: size,
      archiveSize: archiveSize, isReproducible: true)
    return try await keep(layer, from: aside)
  }

  /// The layer's archive, byte for byte what its `diffID` was made of.
  public func tar(of layer: Layer) async throws(EngineError) -> any ByteSource {
    let open = try opener(of: layer)
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "read layer \(layer.diffID)") { try open() }
    }
  }

  /// How the layer's archive is opened when its turn comes; the layer must still be there by then.
  public func opener(of layer: Layer) throws(EngineError) -> @Sendable () throws -> any ByteSource {
    guard layer.isReproducible else {
      throw EngineError(.internal, "layer \(layer.diffID) holds a file twice and cannot be written out again")
    }
    let (frame, root) = (framePath(layer.name), "\(layersDirectory)/\(layer.name)")
    let kept = keptFiles(layer.name)
    return { FramedSource(frame: try .open(frame, .readOnly), root: try .open(root, .directory), kept: kept) }
  }

  /// Removes a layer; refused while another layer or a container stands on it. One that is not there is fine.
  public func remove(chainID: Digest) async throws(EngineError) {
    guard let layer = layers[chainID] else { return }
    guard !isInUse(chainID) else { throw EngineError(.conflict, "layer \(chainID) is in use") }
    layers[chainID] = nil
    unsynced.remove(chainID)
    var batch = Batch()
    batch.remove(chainID.description, in: layerTable)
    batch.remove(chainID.description, in: unsyncedTable)
    try await database.commit(batch)
    let paths = ["\(layersDirectory)/\(layer.name)", framePath(layer.name), keptFiles(layer.name).path]
    try await blocking { () throws(EngineError) in
      try failing(.internal, "remove layer \(chainID)") {
        for path in paths { try Files.removeTree(path) }
      }
    }
  }

  /// Whether another layer or a container stands on the chain.
  public func isInUse(_ chainID: Digest) -> Bool {
    layers.values.contains { $0.parent == chainID } || snapshots.values.contains { $0.top == chainID }
  }

  // MARK: steps

  private func takeNumber() -> String {
    defer { nextNumber += 1 }
    return String(nextNumber)
  }

  nonisolated private func asidePath(_ number: String) -> String { "\(layersDirectory)/\(number).new" }
  nonisolated private func framePath(_ number: String) -> String { "\(layersDirectory)/\(number).frame" }

  nonisolated private func keptFiles(_ number: String) -> KeptFiles {
    KeptFiles(path: "\(layersDirectory)/\(number).kept")
  }

  /// The digest of everything a source gives.
  private static func digest(_ source: any ByteSource) throws -> Digest {
    let hash = SHA256()
    while true {
      let bytes = try source.read(upTo: 1 << 18)
      if bytes.isEmpty { return Digest(sha256: hash.finish()) }
      hash.update(bytes)
    }
  }

  /// Gives the directory its name and the layer its record, unless another was quicker.
  private func keep(_ layer: Layer, from aside: String) async throws(EngineError) -> Layer {
    if let there = layers[layer.chainID] {
      // A loose layer bound twice on the same chain is the one that is there.
      if there.name == layer.name { return there }
      let paths = [aside, framePath(layer.name), keptFiles(layer.name).path]
      await blocking {
        // What cannot be removed now is swept at the next start.
        for path in paths { try? Files.removeTree(path) }
      }
      return there
    }
    layers[layer.chainID] = layer
    do {
      let final = "\(layersDirectory)/\(layer.name)"
      try await blocking { () throws(EngineError) in
        try failing(.internal, "keep layer") { try Files.rename(aside, to: final) }
      }
      var batch = Batch()
      try batch.put(layer.chainID.description, layer, in: layerTable)
      try batch.put(layer.chainID.description, bootID, in: unsyncedTable)
      try await database.commit(batch)
    } catch {
      layers[layer.chainID] = nil
      throw error
    }
    unsynced.insert(layer.chainID)
    Task { await synchronize() }
    return layer
  }

  /// Brings new layers to the disk without anybody waiting for it, several at a time where they come quickly.
  func synchronize() async {
    guard !isSyncing else { return }
    isSyncing = true
    defer { isSyncing = false }
    while !unsynced.isEmpty {
      let chains = unsynced
      let directory = layersDirectory
      // What cannot be written now stays marked, and a machine that goes down takes it along.
      guard
        (try? await blocking { try FileDescriptor.open(directory, .directory).synchronizeFileSystem() })
          != nil
      else { return }
      var batch = Batch()
      for chain in chains { batch.remove(chain.description, in: unsyncedTable) }
      guard (try? await database.commit(batch)) != nil else { return }
      unsynced.subtract(chains)
    }
  }

  /// Runs a step that fills `paths`, and removes them again when it fails.
  private static func cleaningUp<T>(_ paths: [String], _ body: () throws -> T) throws(EngineError) -> T {
    do { return try body() } catch {
      // What cannot be removed now is swept at the next start.
      for path in paths { try? Files.removeTree(path) }
      if let error = error as? EngineError { throw error }
      throw EngineError(error is SyscallError ? .internal : .invalidArgument, "\(error)", cause: error)
    }
  }
}

/// A hash over what one thread reads, in a closure that may move between threads.
private final class Hasher: @unchecked Sendable {
  private let hash = SHA256()
  private(set) var count: Int64 = 0
  func update(_ bytes: [UInt8]) {
    hash.update(bytes)
    count += Int64(bytes.count)
  }
  func finish() -> Digest { Digest(sha256: hash.finish()) }
}
