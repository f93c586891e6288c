/// One thing that the build cache keeps: a layer, or the directory of a cache mount.
public struct CacheEntry: Sendable, Equatable {
  /// BuildKit's words.
  public enum Kind: String, Sendable { case layer = "regular", mount = "exec.cachemount" }

  /// A layer's chain in hexadecimal digits, or the directory's name.
  public var id: String
  /// The entry that it stands on; nil for none.
  public var parent: String?
  public var kind: Kind
  public var description: String
  /// A running build needs it.
  public var isInUse = false
  /// An image has it too: then pruning the cache does not free it.
  public var isShared = false
  public var size: Int64
  /// RFC 3339; empty for a layer that only the cached ones stand on.
  public var created = ""
  public var lastUsed = ""
  /// How often a build took it from the cache.
  public var uses = 0
}
