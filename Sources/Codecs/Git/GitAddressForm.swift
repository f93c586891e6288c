extension GitAddress {
  /// How an address is written.
  enum Form: Equatable {
    /// `scheme://…`
    case url
    /// `user@host:path`
    case secureShell
    /// `github.com/owner/repo`
    case short

    /// nil for what is no repository's address.
    init?(_ text: String) {
      let place = text.prefix { $0 != "#" && $0 != "?" }
      if text.hasPrefix("http://") || text.hasPrefix("https://") {
        // Other addresses of the web are archives and Dockerfiles.
        guard place.hasSuffix(".git") else { return nil }
        self = .url
      } else if text.hasPrefix("git://") || text.hasPrefix("ssh://") {
        self = .url
      } else if text.hasPrefix("github.com/") {
        self = .short
      } else if Self.isSecureShell(text) {
        self = .secureShell
      } else {
        return nil
      }
    }

    /// `user@host:path`: letters, digits, `-` and `_` for the user, and `.` for the host.
    private static func isSecureShell(_ text: String) -> Bool {
      guard let at = text.firstIndex(of: "@") else { return false }
      let rest = text[text.index(after: at)...]
      guard let colon = rest.firstIndex(of: ":") else { return text.hasPrefix("git@") }
      func plain(_ part: Substring, _ others: String) -> Bool {
        !part.isEmpty
          && part.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
              || others.unicodeScalars.contains($0)
          }
      }
      return plain(text[..<at], "-_") && plain(rest[..<colon], "-.")
    }
  }

  /// Why git or ssh could take a part of the address for an option or for nothing; nil where they cannot.
  static func danger(in place: String, _ form: Form) -> String? {
    var authority: Substring
    let path: Substring
    switch form {
    case .short:
      authority = "github.com"
      path = place.dropFirst("github.com".count)
    case .url:
      let start = place.firstRange(of: "://")?.upperBound ?? place.startIndex
      authority = place[start...].prefix { $0 != "/" }
      path = place[authority.endIndex...]
    case .secureShell:
      authority = place.prefix { $0 != ":" }
      path = place[authority.endIndex...].dropFirst()
    }
    if authority.hasPrefix("-") { return "its host begins with a dash" }
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    if authority.isEmpty || authority.hasPrefix(":") { return "its host is missing" }
    if authority.hasPrefix("-") { return "its host begins with a dash" }
    if path.isEmpty || path == "/" { return "the repository's path is missing" }
    if path.hasPrefix("-") { return "its path begins with a dash" }
    // `word::address` names a program that fetches.
    if form == .secureShell, path.hasPrefix(":") { return "its path begins with a colon" }
    return nil
  }

  /// What keeps a text from being a reference (git-check-ref-format(1)); nil for a good one, and for none.
  static func fault(inReference name: String) -> String? {
    if name.hasPrefix("-") { return "it begins with a dash" }
    if name.contains("..") || name.contains("@{") || name.contains("//") { return "it holds .., @{ or //" }
    if name.hasSuffix("/") || name.hasSuffix(".lock") || name.hasPrefix("/") {
      return "it begins or ends with a slash, or ends with .lock"
    }
    let bad = name.unicodeScalars.first {
      $0.value <= 0x20 || $0.value == 0x7f || "~^:?*[\\+".unicodeScalars.contains($0)
    }
    return bad.map { $0.value <= 0x20 ? "it holds a space or a control character" : "it holds \($0)" }
  }
}
