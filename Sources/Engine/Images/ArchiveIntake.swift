import Archive
import Compression
import DockerAPI
import EngineErrors
import Hashing
import Linux
import OCISpec
import Reactor
import Snapshots

/// What an archive of images holds, taken in one pass: layers are unpacked as they come, before anybody knows whose they are,
/// so nothing is written twice.
struct ArchiveIntake {
  /// JSON documents by their path in the archive.
  private(set) var documents: [String: [UInt8]] = [:]
  private var loose: [String: LooseLayer] = [:]
  private var bound: [String: Layer] = [:]
  private var links: [String: String] = [:]
  private var documentBytes = 0

  static let documentLimit = 16 << 20
  static let allDocumentsLimit = 128 << 20

  /// Reads the archive to its end. On an error, `dropLayers` must still be called.
  mutating func read(
    _ source: any ByteSource, into snapshots: Snapshots,
    progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) {
    let members = TarMembers(DecompressedSource(source))
    while let entry = try await Self.next(members) {
      let path = Self.normalised(entry.components)
      switch entry.kind {
      case .symbolicLink(let target): links[path] = Self.resolved(target, from: path)
      case .hardLink(let target): links[path] = Self.normalised(TarPath.components(target[...]))
      case .file: try await take(entry, path, members, snapshots, progress)
      default: continue
      }
    }
  }

  private static func next(_ members: TarMembers) async throws(EngineError) -> TarEntry? {
    try await blocking { () throws(EngineError) in
      try failing(.invalidArgument, "invalid archive") { try members.next() }
    }
  }

  private mutating func take(
    _ entry: TarEntry, _ path: String, _ members: TarMembers, _ snapshots: Snapshots,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) {
    let (start, whole) = try await blocking { () throws(EngineError) in
      try failing(.invalidArgument, "invalid archive: \(path)") { try members.contents.peek(512) }
    }
    if Self.isLayer(start, path) {
      let watched = LayerWatch(whole, blob: path, size: Int64(entry.size), progress)
      let layer = try await snapshots.unpack(watched)
      loose[path] = layer
      try watched.check(path)
    } else {
      guard entry.size <= Self.documentLimit, documentBytes + Int(entry.size) <= Self.allDocumentsLimit else {
        // Whatever it is, no image needs a document of that size.
        return
      }
      documentBytes += Int(entry.size)
      documents[path] = try await blocking { () throws(EngineError) in
        try failing(.invalidArgument, "invalid archive: \(path)") {
          try whole.readToEnd(limit: Self.documentLimit)
        }
      }
    }
  }

  /// Layers are told by how they begin: compressed, or a tar header, or the zeros of an empty archive.
  private static func isLayer(_ start: [UInt8], _ path: String) -> Bool {
    if CompressionFormat(start: start) != .none { return true }
    guard start.count == 512 else { return false }
    return Array(start[257..<262]) == Array("ustar".utf8) || start.allSatisfy { $0 == 0 }
      || path.hasSuffix("/layer.tar")
  }

  /// The document at a path or behind a link.
  func document(_ path: String) throws(EngineError) -> [UInt8] {
    guard let bytes = documents[follow(Self.normalised(TarPath.components(Array(path.utf8)[...])))] else {
      throw EngineError(.invalidArgument, "invalid archive: \(path) is missing")
    }
    return bytes
  }

  /// Puts the layer at a path on top of a chain, after checking what it is.
  mutating func bind(
    _ path: String, expecting diffID: Digest, on parent: Digest?, in snapshots: Snapshots
  ) async throws(EngineError) -> Layer {
    let key = follow(Self.normalised(TarPath.components(Array(path.utf8)[...])))
    if let first = bound[key] {
      guard first.diffID == diffID else { throw mismatch(diffID, first.diffID) }
      if first.parent == parent { return first }
      // The same layer once more, elsewhere in a stack: a directory stands in one place only.
      return try await snapshots.unpack(snapshots.tar(of: first), on: parent, expecting: diffID)
    }
    guard let layer = loose[key] else {
      throw EngineError(.invalidArgument, "invalid archive: layer \(path) is missing")
    }
    guard layer.diffID == diffID else { throw mismatch(diffID, layer.diffID) }
    loose[key] = nil
    let kept = try await snapshots.bind(layer, on: parent)
    bound[key] = kept
    return kept
  }

  private func mismatch(_ expected: Digest, _ actual: Digest) -> EngineError {
    EngineError(.invalidArgument, "invalid diffID for layer: expected \"\(expected)\", got \"\(actual)\"")
  }

  /// Forgets the layers that nobody claimed.
  mutating func dropLayers(in snapshots: Snapshots) async {
    for layer in loose.values { await snapshots.drop(layer) }
    loose = [:]
  }

  private func follow(_ path: String) -> String {
    var path = path
    // Links may point at links; a ring of them ends here.
    for _ in 0..<16 {
      guard let next = links[path] else { break }
      path = next
    }
    return path
  }

  static func normalised(_ components: [ArraySlice<UInt8>]) -> String {
    components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
  }

  private static func resolved(_ target: [UInt8], from path: String) -> String {
    var parts = path.split(separator: "/").dropLast().map(String.init)
    if target.first == UInt8(ascii: "/") { parts = [] }
    for part in TarPath.components(target[...]).map({ String(decoding: $0, as: UTF8.self) }) {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }
}

/// Sees a layer's bytes on their way: counts them for the progress, and hashes what is named by its digest.
private final class LayerWatch: ByteSource, @unchecked Sendable {
  private let inner: any ByteSource
  private let promised: Digest?
  private let size: Int64
  private let progress: @Sendable (ProgressMessage) -> Void
  private let hash = SHA256()
  private var count: Int64 = 0
  private var shown: Int64 = 0
  private var digest: Digest?

  init(
    _ inner: any ByteSource, blob path: String, size: Int64,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) {
    self.inner = inner
    let prefix = "blobs/sha256/"
    promised = path.hasPrefix(prefix) ? Digest(hex: String(path.dropFirst(prefix.count))) : nil
    self.size = size
    self.progress = progress
  }

  func read(upTo count: Int) throws -> [UInt8] {
    let bytes = try inner.read(upTo: count)
    if promised != nil { hash.update(bytes) }
    self.count += Int64(bytes.count)
    if bytes.isEmpty { digest = digest ?? Digest(sha256: hash.finish()) }
    report(atEnd: bytes.isEmpty)
    return bytes
  }

  private func report(atEnd: Bool) {
    guard count - shown >= 1 << 20 || (atEnd && count > shown) else { return }
    shown = count
    progress(.step("Loading layer", id: promised?.short, current: count, total: size))
  }

  /// Checks the digest once everything was read.
  func check(_ path: String) throws(EngineError) {
    guard let promised, let digest, promised != digest else { return }
    throw EngineError(.invalidArgument, "invalid archive: \(path) has digest \(digest)")
  }
}
