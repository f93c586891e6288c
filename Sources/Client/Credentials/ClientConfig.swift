import JSON
import Linux

/// The user's settings: config.json in `~/.docker`, shared with Docker's own client. What is not known here is kept.
public struct ClientConfig: Sendable {
  public let directory: String
  private var content: JSONObject
  /// What of the file is not as it should be, with its place; it is gone without. Nil where all is well.
  public let complaint: ConfigError?
  /// Whether the file is there and none of it could be read: what stands in it must not be written over.
  private let isUnread: Bool

  public init(directory: String, content: JSONObject = [:]) {
    self.init(directory: directory, content: content, complaint: nil, isUnread: false)
  }

  private init(directory: String, content: JSONObject, complaint: ConfigError?, isUnread: Bool) {
    self.directory = directory
    self.content = content
    self.complaint = complaint
    self.isUnread = isUnread
  }

  /// `DOCKER_CONFIG`, else `.docker` in the home directory.
  public static func standardDirectory() -> String {
    if let directory = Environment.value("DOCKER_CONFIG"), !directory.isEmpty { return directory }
    return (Environment.value("HOME") ?? "/root") + "/.docker"
  }

  /// Reads `config.json`; a missing or empty file is one without settings, and so, with a complaint, is a broken one.
  public static func load(directory: String) -> ClientConfig {
    let path = "\(directory)/config.json"
    do throws(SyscallError) {
      return read(try Files.read(path), path, directory)
    } catch {
      if error.errno == .noSuchFile || error.errno == .notADirectory {
        return ClientConfig(directory: directory)
      }
      return unread(directory, ConfigError(path: path, problem: .unreadable, reason: "\(error)"))
    }
  }

  private static func read(_ bytes: [UInt8], _ path: String, _ directory: String) -> ClientConfig {
    guard bytes.contains(where: { $0 > 32 }) else { return ClientConfig(directory: directory) }
    let value: JSONValue
    do {
      value = try JSON.parse(bytes)
    } catch {
      return unread(directory, ConfigError(path: path, problem: .broken, reason: "\(error)"))
    }
    switch value {
    case .null: return ClientConfig(directory: directory)
    case .object(let content):
      let wrong = SettingShapes.complaint(about: content).map {
        ConfigError(path: path, problem: .broken, reason: $0)
      }
      return ClientConfig(directory: directory, content: content, complaint: wrong, isUnread: false)
    default:
      let reason = "line 1, column 1: expected an object"
      return unread(directory, ConfigError(path: path, problem: .broken, reason: reason))
    }
  }

  private static func unread(_ directory: String, _ complaint: ConfigError) -> ClientConfig {
    ClientConfig(directory: directory, content: [:], complaint: complaint, isUnread: true)
  }

  /// Writes `config.json`. A new one is readable by its owner alone; one that is there keeps its mode and owner, and
  /// a link to it stays one. What could not be read is not written over.
  public func save() throws {
    if isUnread, let complaint { throw UnwrittenConfig(complaint: complaint) }
    try Files.makeDirectories(directory, mode: 0o700)
    let path = "\(directory)/config.json"
    // Where there is none yet it is made.
    let place = (try? Files.realPath(path)) ?? path
    // The same.
    let before = try? Files.status(place)
    try Files.replace(place, JSON.encode(content, pretty: true), mode: before?.permissions ?? 0o600)
    guard let before else { return }
    try Files.changeMode(place, before.permissions)
    if before.uid != Identity.effectiveUser || before.gid != Identity.effectiveGroup {
      // Who may not give files away has no other's files to keep.
      try? Files.changeOwner(place, uid: before.uid, gid: before.gid)
    }
  }

  public subscript(_ key: String) -> JSONValue? {
    get { content[key] }
    set { content[key] = newValue }
  }

  /// A setting that is text, as `psFormat` or `detachKeys`; empty when not set.
  public func text(_ key: String) -> String { content[key]?.string ?? "" }

  /// The headers that go with every request.
  public var httpHeaders: [(String, String)] {
    (content["HttpHeaders"]?.object ?? [:]).compactMap { member in
      member.value.string.map { (member.key, $0) }
    }
  }

  /// The proxy settings that containers and builds get as variables, for an engine's address.
  public func proxies(for host: String) -> [(name: String, value: String)] {
    let all = content["proxies"]?.object ?? [:]
    let chosen = (all[host] ?? all["default"])?.object ?? [:]
    let names = [
      "httpproxy": "HTTP_PROXY", "httpsproxy": "HTTPS_PROXY", "ftpproxy": "FTP_PROXY", "noproxy": "NO_PROXY",
      "allproxy": "ALL_PROXY",
    ]
    return chosen.flatMap { member -> [(name: String, value: String)] in
      // Go reads the names in any case.
      guard let name = names[member.key.lowercased()], let value = member.value.string, !value.isEmpty else {
        return []
      }
      return [(name, value), (name.lowercased(), value)]
    }.sorted { $0.name < $1.name }
  }
}
