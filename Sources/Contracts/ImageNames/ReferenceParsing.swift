extension ImageReference {
  /// Reads a reference that a user wrote, filling in `docker.io` and `library/` where they are left out.
  public static func parse(_ text: String) throws(InvalidReference) -> ImageReference {
    guard text.utf8.count <= 4096 else { throw .format }
    if WholeID.matches(text) { throw .looksLikeID(text) }
    let (domain, remainder) = splitDomain(text)
    let name = String(remainder.prefix { $0 != ":" && $0 != "@" })
    if name.lowercased() != name { throw .uppercase(name) }
    var rest = remainder[...]
    let digest = rest.firstIndex(of: "@").map { at in
      defer { rest = rest[..<at] }
      return String(rest[rest.index(after: at)...])
    }
    let tag = rest.lastIndex(of: ":").map { colon in
      defer { rest = rest[..<colon] }
      return String(rest[rest.index(after: colon)...])
    }
    let path = String(rest)
    guard ReferenceGrammar.isDomain(domain), ReferenceGrammar.isPath(path) else { throw .format }
    if let tag { guard ReferenceGrammar.isTag(tag) else { throw .format } }
    if let digest { guard ReferenceGrammar.isDigest(digest) else { throw .format } }
    guard path.utf8.count <= 255 else { throw .tooLong }
    return ImageReference(domain: domain, path: path, tag: tag, digest: digest)
  }

  /// Whether the text may stand as a tag: a word character, then up to 127 word characters, dots and dashes.
  public static func isTag(_ text: String) -> Bool { ReferenceGrammar.isTag(text) }

  /// Whether what stands before a name's first slash is a registry's host: it has a dot or a colon, or is `localhost`.
  public static func isHost(_ word: some StringProtocol) -> Bool {
    word.contains(".") || word.contains(":") || word == "localhost"
  }

  /// What stands before the first slash is a registry when it looks like a host or has capitals.
  private static func splitDomain(_ text: String) -> (domain: String, remainder: String) {
    var domain = defaultDomain
    var remainder = text
    if let slash = text.firstIndex(of: "/") {
      let first = text[..<slash]
      if isHost(first) || first.lowercased() != first {
        domain = String(first)
        remainder = String(text[text.index(after: slash)...])
      }
    }
    if domain == "index.docker.io" { domain = defaultDomain }
    if domain == defaultDomain && !remainder.contains("/") { remainder = "library/\(remainder)" }
    return (domain, remainder)
  }
}
