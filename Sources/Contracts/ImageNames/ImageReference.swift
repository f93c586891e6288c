/// An image's name as Docker understands it: `alpine`, `docker.io/library/alpine:latest`, `host:5000/a/b@sha256:…`.
/// Grammar: distribution's `reference` document.
public struct ImageReference: Hashable, Sendable, CustomStringConvertible {
  /// The registry, normalised: `docker.io`, `localhost:5000`.
  public let domain: String
  /// The repository within the registry, normalised: `library/alpine`.
  public let path: String
  public let tag: String?
  /// `sha256:…`
  public let digest: String?

  init(domain: String, path: String, tag: String?, digest: String?) {
    self.domain = domain
    self.path = path
    self.tag = tag
    self.digest = digest
  }

  public static let defaultDomain = "docker.io"
  public static let defaultTag = "latest"

  /// `docker.io/library/alpine`
  public var fullName: String { "\(domain)/\(path)" }

  /// `docker.io/library/alpine:3.20@sha256:…`, with what is there.
  public var full: String { fullName + suffix }

  /// `alpine`: the name as a user of Docker writes it.
  public var familiarName: String {
    guard domain == Self.defaultDomain else { return fullName }
    let official = "library/"
    guard path.hasPrefix(official) else { return path }
    let short = path.dropFirst(official.count)
    return short.contains("/") ? path : String(short)
  }

  /// `alpine:3.20`: name, tag and digest as a user of Docker writes them.
  public var familiar: String { familiarName + suffix }

  public var description: String { familiar }

  private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

  /// Whether neither a tag nor a digest is given.
  public var isNameOnly: Bool { tag == nil && digest == nil }

  /// The same reference, with `latest` where neither a tag nor a digest is given.
  public var withDefaultTag: Self { isNameOnly ? withTag(Self.defaultTag) : self }

  /// The name alone.
  public var withoutTagAndDigest: Self { Self(domain: domain, path: path, tag: nil, digest: nil) }

  /// A registry's own root, which has no repository's name.
  public static func repository(domain: String) -> Self {
    Self(domain: domain, path: "", tag: nil, digest: nil)
  }

  /// The same repository with that tag and no digest; `tag` must have come from `parse` or `isTag`.
  public func withTag(_ tag: String) -> Self { Self(domain: domain, path: path, tag: tag, digest: nil) }

  /// The same repository with that digest and no tag.
  public func withDigest(_ digest: String) -> Self {
    Self(domain: domain, path: path, tag: nil, digest: digest)
  }
}
