import Hashing
import OCISpec

/// A layer that is kept as a directory of files.
public struct Layer: Codable, Hashable, Sendable {
  /// The directory's name within `layers/`.
  public let name: String
  /// Which stack of layers this one is the top of (image-spec config.md, "Layer ChainID").
  public let chainID: Digest
  /// The digest of the layer's tar.
  public let diffID: Digest
  /// The chain below; nil for the lowest layer.
  public let parent: Digest?
  /// Bytes of the files' contents.
  public let size: Int64
  /// Bytes of the layer's tar.
  public let archiveSize: Int64
  /// Whether `tar(of:)` can give the tar of `diffID` back; a tar that changes files under two names may not come back.
  public let isReproducible: Bool
}

/// The ids of stacks of layers (image-spec config.md, "Layer ChainID").
public enum ChainID {
  /// The chain that a layer makes on top of another, or alone.
  public static func of(_ diffID: Digest, on parent: Digest?) -> Digest {
    guard let parent else { return diffID }
    return Digest(sha256: SHA256.hash(Array("\(parent) \(diffID)".utf8)))
  }

  /// The chains of a whole stack, lowest first.
  public static func all(_ diffIDs: [Digest]) -> [Digest] {
    var chains: [Digest] = []
    for diffID in diffIDs { chains.append(of(diffID, on: chains.last)) }
    return chains
  }
}
