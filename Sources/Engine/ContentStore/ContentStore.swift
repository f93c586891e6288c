import EngineErrors
import Hashing
import Linux
import OCISpec
import Reactor

/// Documents by the digest of their bytes: image configs and manifests, as they came.
///
///     data-root/blobs/sha256/<hex>
///
/// Written aside, synchronised, renamed: a blob that is there is whole.
public final class ContentStore: Sendable {
  private let directory: String

  public init(dataRoot: String) throws(EngineError) {
    let directory = "\(dataRoot)/blobs/sha256"
    self.directory = directory
    try failing(.internal, "open blobs") { try Files.makeDirectories(directory) }
  }

  /// Removes what a crash has left behind: every blob but these, or where nobody knows which they are, with nil, only
  /// what was not whole yet. Before anything is put.
  public func sweep(keeping known: Set<Digest>?) throws(EngineError) {
    let (directory, names) = (directory, known.map { Set($0.map(\.hex)) })
    try failing(.internal, "sweep blobs") {
      guard let names else { return try Files.sweepAside(directory) }
      for name in try Files.names(in: directory) where !names.contains(name) {
        try Files.unlink("\(directory)/\(name)")
      }
    }
  }

  private func path(_ digest: Digest) -> String { "\(directory)/\(digest.hex)" }

  /// Keeps the bytes; on return they are on disk.
  @discardableResult
  public func put(_ bytes: [UInt8]) async throws(EngineError) -> Digest {
    let digest = Digest(sha256: SHA256.hash(bytes))
    let path = path(digest)
    try await blocking { () throws(EngineError) in
      try failing(.internal, "keep blob \(digest)") {
        if !Files.exist(path) { try Files.replace(path, bytes) }
      }
    }
    return digest
  }

  /// The bytes of that digest, checked; an error when they are not here or not what they were.
  public func get(_ digest: Digest) throws(EngineError) -> [UInt8] {
    let path = path(digest)
    guard Files.exist(path) else { throw .notFound("blob", digest.description) }
    let bytes = try failing(.internal, "read blob \(digest)") { try Files.read(path) }
    guard SHA256.hash(bytes) == Hex.bytes(digest.hex) else {
      throw EngineError(.internal, "blob \(digest) is damaged: \(path)")
    }
    return bytes
  }

  /// Whether the digest's bytes are here.
  public func contains(_ digest: Digest) -> Bool { Files.exist(path(digest)) }

  /// Forgets the bytes; none there is fine.
  public func remove(_ digest: Digest) async throws(EngineError) {
    let path = path(digest)
    try await blocking { () throws(EngineError) in
      try failing(.internal, "remove blob \(digest)") { try Files.unlink(path) }
    }
  }
}
