import Flags
import HTTP
import PathPatterns

/// What a build names by a git URL: a repository, what of its history, and which directory of it.
///
/// `https://host/repo.git#ref:directory` and the same with `http`, `git` and `ssh`; `user@host:path#ref:directory`;
/// `github.com/owner/repo`. The part after `#` may stand as a query too: `?ref=`, `branch`, `tag`, `subdir`, `commit`
/// (or `checksum`), `keep-git-dir`, `submodules`, as BuildKit has them.
public struct GitAddress: Hashable, Sendable {
  /// What git is given; never an option, never a transport but git, http, https and ssh.
  public let remote: String
  /// A branch, a tag, a commit or a full name such as `pull/42/head`; empty is the repository's default.
  public private(set) var reference: String
  /// The directory to use, cleaned, without a slash in front; empty is the repository itself.
  public private(set) var directory: String
  /// The beginning of the commit that it must be, in hexadecimal digits; empty where any will do.
  public private(set) var commit = ""
  /// Whether `.git` stays, where the address says so.
  public private(set) var keepsGitDirectory: Bool?
  public private(set) var hasSubmodules = true

  /// Longer addresses are refused.
  static let longest = 8192

  /// Whether the text is to be taken for a repository: what docker's classic builder takes for one, and BuildKit.
  /// A directory of that name on the disk is the caller's to look for first.
  public static func isMeant(by text: String) -> Bool { Form(text) != nil }

  /// Throws for what is no repository's address, or one that git could misunderstand.
  public init(_ text: String) throws(GitError) {
    guard let form = Form(text) else { throw .address(text, "this is no git URL") }
    guard text.utf8.count <= Self.longest else {
      throw .address("\(text.prefix(60))…", "longer than \(Self.longest) bytes")
    }
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }) else {
      throw .address(text, "spaces and control characters must be written as %20 and the like")
    }
    let (before, fragment) = Self.cut(text, at: "#")
    let (place, query) = form == .secureShell ? (before, "") : Self.cut(before, at: "?")
    remote = form == .short ? "https://\(place)" : place
    if let reason = Self.danger(in: place, form) { throw .address(Self.shown(remote), reason) }
    let words = form == .secureShell ? fragment : percentDecoded(fragment)
    guard let words else { throw .address(text, "a % without two hexadecimal digits") }
    let (reference, directory) = Self.cut(words, at: ":")
    self.reference = reference
    self.directory = Self.clean(directory)
    try take(query: query)
    if let reason = Self.fault(inReference: self.reference) {
      throw .address(Self.shown(remote), "\"\(self.reference)\" names no branch, tag or commit: \(reason)")
    }
  }

  /// Whether `.git` stays in a build's context: as the address says it, else as BuildKit's build argument does.
  public func keepsGitDirectory(buildArguments: [String: String?]) -> Bool {
    let argument = buildArguments["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? nil
    return keepsGitDirectory ?? argument.flatMap(GoValues.bool) ?? false
  }

  /// The address for messages: a password in it is hidden.
  public var shown: String { Self.shown(remote) }

  static func shown(_ remote: String) -> String {
    guard let scheme = remote.firstRange(of: "://") else { return remote }
    let authority = remote[scheme.upperBound...].prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
      return remote
    }
    return remote[...colon] + "xxxxx" + remote[at...]
  }

  /// What stands before the host: `user:password`; nil without one.
  var userInformation: String? {
    guard let scheme = remote.firstRange(of: "://") else { return nil }
    let authority = remote[scheme.upperBound...].prefix { $0 != "/" }
    return authority.lastIndex(of: "@").map { String(authority[..<$0]) }
  }

  /// The repository's name: `bar` of `https://github.com/foo/bar.git`.
  public var name: String {
    let last = SlashPath.base(remote.split(separator: ":").last.map(String.init) ?? remote)
    return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
  }

  /// The same with another demand on the commit, as `ADD --checksum` has it.
  public func requiring(commit: String) throws(GitError) -> GitAddress {
    var address = self
    try address.demand(commit)
    return address
  }

  private mutating func demand(_ commit: String) throws(GitError) {
    guard (1...64).contains(commit.utf8.count), commit.utf8.allSatisfy(Self.isHexadecimal) else {
      throw .address(shown, "invalid checksum \(commit): a commit's hexadecimal digits are expected")
    }
    self.commit = commit.lowercased()
  }

  private static func clean(_ directory: String) -> String {
    String(SlashPath.join("/", "./" + directory).dropFirst())
  }

  private static func cut(_ text: String, at mark: Character) -> (String, String) {
    guard let index = text.firstIndex(of: mark) else { return (text, "") }
    return (String(text[..<index]), String(text[text.index(after: index)...]))
  }

  static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  // MARK: the query

  private mutating func take(query: String) throws(GitError) {
    var seen: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let (name, encoded) = Self.cut(String(pair), at: "=")
      guard let value = percentDecoded(encoded) else {
        throw .address(shown, "a % without two hexadecimal digits")
      }
      guard seen.updateValue(value, forKey: name) == nil else {
        throw .address(shown, "query \"\(name)\" has multiple values")
      }
    }
    for (name, value) in seen.sorted(by: { $0.key < $1.key }) { try take(name, value) }
  }

  private mutating func take(_ name: String, _ value: String) throws(GitError) {
    if value.isEmpty, !["keep-git-dir", "submodules"].contains(name) {
      throw .address(shown, "query \"\(name)\" has no value")
    }
    switch name {
    case "ref": try refer(to: value)
    case "branch": try refer(to: value.hasPrefix("refs/heads/") ? value : "refs/heads/\(value)")
    case "tag": try refer(to: value.hasPrefix("refs/tags/") ? value : "refs/tags/\(value)")
    case "subdir":
      guard directory.isEmpty || directory == Self.clean(value) else {
        throw .address(shown, "subdir conflicts: \"\(directory)\" vs \"\(value)\"")
      }
      directory = Self.clean(value)
    case "commit", "checksum": try demand(value)
    case "keep-git-dir": keepsGitDirectory = try isOn(name, value)
    case "submodules": hasSubmodules = try isOn(name, value)
    default: throw .address(shown, "unexpected query \"\(name)\"")
    }
  }

  private mutating func refer(to name: String) throws(GitError) {
    guard reference.isEmpty || reference == name else {
      throw .address(shown, "ref conflicts: \"\(reference)\" vs \"\(name)\"")
    }
    reference = name
  }

  private func isOn(_ name: String, _ value: String) throws(GitError) -> Bool {
    if value.isEmpty { return true }
    guard let isOn = GoValues.bool(value) else {
      throw .address(shown, "invalid \(name) value: \"\(value)\"")
    }
    return isOn
  }
}
