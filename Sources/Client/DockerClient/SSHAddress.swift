/// `ssh://[user@]host[:port][/path/of/socket]`
public struct SSHAddress: Hashable, Sendable, CustomStringConvertible {
  public var user: String?
  public var host: String
  public var port: UInt16?
  /// The engine's socket over there; empty for the usual one.
  public var path = ""

  /// Throws docker's complaints.
  init(_ text: String) throws(InvalidHost) {
    func refuse(_ reason: String) -> InvalidHost {
      InvalidHost(text: text, reason: "ssh host connection is not valid: \(reason)")
    }
    var rest = text.dropFirst("ssh://".count)
    for (mark, name) in [("#", "fragment"), ("?", "query")] {
      guard let at = rest.firstIndex(of: Character(mark)) else { continue }
      throw refuse("extra \(name) after the host: \"\(rest[rest.index(after: at)...])\"")
    }
    if let slash = rest.firstIndex(of: "/") {
      path = String(rest[slash...])
      if path == "/" { path = "" }
      rest = rest[..<slash]
    }
    if let at = rest.lastIndex(of: "@") {
      guard !rest[..<at].contains(":") else { throw refuse("plain-text password is not supported") }
      user = String(rest[..<at])
      rest = rest[rest.index(after: at)...]
    }
    if let colon = rest.lastIndex(of: ":"), rest.last != "]" {
      guard let number = UInt16(rest[rest.index(after: colon)...]) else {
        throw refuse("invalid port in \"\(text)\"")
      }
      port = number
      rest = rest[..<colon]
    }
    host = rest.hasPrefix("[") && rest.hasSuffix("]") ? String(rest.dropFirst().dropLast()) : String(rest)
    guard !host.isEmpty else { throw refuse("no host specified") }
    guard user?.isEmpty != true else { throw refuse("the user's name is empty") }
  }

  public var description: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return "ssh://" + (user.map { "\($0)@" } ?? "") + name + (port.map { ":\($0)" } ?? "") + path
  }

  /// ssh's arguments behind its name: those of docker's client, and a command that serves where there is only docker,
  /// only skiff, or both.
  var arguments: [String] {
    var words = ["-o", "ConnectTimeout=30", "-T"]
    if let user { words += ["-l", user] }
    if let port { words += ["-p", String(port)] }
    return words + ["--", host, farCommand]
  }

  /// For whatever shell the user has over there.
  private var farCommand: String {
    let socket = path.isEmpty ? "" : " --host \(Self.quoted("unix://\(path)"))"
    let script =
      "if command -v skiff >/dev/null 2>&1; then exec skiff\(socket) system dial-stdio; fi; "
      + "exec docker\(socket) system dial-stdio"
    return "sh -c \(Self.quoted(script))"
  }

  private static func quoted(_ word: String) -> String {
    "'" + word.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }
}
