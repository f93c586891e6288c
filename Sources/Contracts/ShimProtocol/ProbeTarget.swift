/// What a health check looks at by itself, without a command in the container: the URL that stands where
/// Docker's `Healthcheck.Test` has a command.
///
///   http://localhost:8000/health    a status from 200 to 399
///   tcp://localhost:8000            a connection
///   postgres://user@localhost/db    a server that takes connections
///   redis://:password@localhost     PONG
public struct ProbeTarget: Codable, Sendable, Equatable {
  public enum Scheme: String, Codable, Sendable { case http, tcp, postgres, redis }
  public static let longestURL = 2048

  public var scheme: Scheme
  /// `localhost`, a numeric address, or a name in the container's hosts file.
  public var host: String
  public var port: UInt16
  /// http's path and query, beginning with `/`.
  public var path: String
  public var user: String?
  public var password: String?
  /// PostgreSQL's.
  public var database: String?

  /// What `localhost:8000` names, in messages.
  public var place: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

  /// The URL a health check's test begins with, and what stands behind it; nil where it is an ordinary command, which never
  /// begins like this.
  public static func url(inTest words: [String]) -> String? {
    guard words.count >= 2, ["CMD", "CMD-SHELL"].contains(words[0]) else { return nil }
    let text = words.dropFirst().joined(separator: " ").trimmingSpaces
    let first = text.prefix { !$0.isWhitespace }
    guard let end = String(first).range(ofFirst: "://"), let letter = first.utf8.first else { return nil }
    let isScheme = first[..<end].utf8.allSatisfy { isLetter($0) || "0123456789+.-".utf8.contains($0) }
    return isLetter(letter) && isScheme ? text : nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static let ports: [Scheme: UInt16] = [.http: 80, .postgres: 5432, .redis: 6379]

  /// - Parameter text: what `url(inTest:)` has found.
  public init(url text: String) throws(ProbeTargetError) {
    func wrong(_ what: String) -> ProbeTargetError { ProbeTargetError("health probe \(text): \(what)") }
    guard text.utf8.count <= Self.longestURL else {
      throw ProbeTargetError("health probe: its URL is longer than \(Self.longestURL) bytes")
    }
    if let space = text.firstIndex(where: \.isWhitespace) {
      throw ProbeTargetError(
        "health probe \(text[..<space]): words follow the URL; a probe is the URL alone, with nothing like"
          + " \"|| exit 1\" behind it")
    }
    guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw ProbeTargetError("health probe: its URL holds characters that are to be written as %XX")
    }
    guard let end = text.range(ofFirst: "://") else { throw wrong("no scheme") }
    scheme = try Self.scheme(text[..<end].lowercased(), text)
    let rest = text[text.index(end, offsetBy: 3)...].prefix { $0 != "#" }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    path = String(rest[authority.endIndex...])
    var place = authority[...]
    if let at = authority.lastIndex(of: "@") {
      let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = try Self.decoded(parts.first, text)
      password = try parts.count > 1 ? Self.decoded(parts[1], text) : nil
      place = authority[authority.index(after: at)...]
    }
    let (name, digits) = Self.split(place)
    host = name.isEmpty ? "localhost" : name
    if digits.isEmpty {
      guard let standard = Self.ports[scheme] else {
        throw wrong("give the port, as in tcp://localhost:8000")
      }
      port = standard
    } else {
      guard let number = UInt16(digits), number > 0 else { throw wrong("\(digits) is no port") }
      port = number
    }
    try finishPath(text)
  }

  private mutating func finishPath(_ text: String) throws(ProbeTargetError) {
    if scheme == .postgres {
      database = try Self.decoded(path.dropFirst().prefix { $0 != "?" }, text)
      path = ""
    }
    if scheme == .http, !path.hasPrefix("/") { path = "/" + path }
  }

  private static func scheme(_ name: String, _ text: String) throws(ProbeTargetError) -> Scheme {
    switch name {
    case "http": return .http
    case "tcp": return .tcp
    case "postgres", "postgresql": return .postgres
    case "redis": return .redis
    case "https", "rediss":
      throw ProbeTargetError(
        "health probe \(text): probes do not speak TLS; use tcp:// with the port, or a command in the container"
      )
    default:
      throw ProbeTargetError(
        "health probe \(text): there are probes for http://, tcp://, postgres:// and redis://; for \(name) use"
          + " tcp:// with the port, or a command in the container")
    }
  }

  /// `localhost:8000`, `[::1]:8000`, `localhost`.
  private static func split(_ place: Substring) -> (name: String, port: String) {
    if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
      let rest = place[place.index(after: end)...]
      return (String(place[place.index(after: place.startIndex)..<end]), String(rest.drop { $0 == ":" }))
    }
    let parts = place.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
  }

  /// Without its %XX; nil where nothing stands there.
  private static func decoded(_ part: Substring?, _ text: String) throws(ProbeTargetError) -> String? {
    guard let part, !part.isEmpty else { return nil }
    var bytes: [UInt8] = []
    var rest = Array(part.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
        value != 0
      else { throw ProbeTargetError("health probe: a % in its URL is not followed by two digits of a byte") }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Why a URL cannot be probed.
public struct ProbeTargetError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

extension String {
  fileprivate func range(ofFirst mark: String) -> Index? {
    indices.first { self[$0...].hasPrefix(mark) }
  }

  fileprivate var trimmingSpaces: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
