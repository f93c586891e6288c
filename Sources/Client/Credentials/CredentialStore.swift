import DockerAPI
import JSON
import Linux
import TextFormats

/// Who the user is at which registry: in config.json, or with the helper programs it names.
public struct CredentialStore: Sendable {
  /// The name of Docker Hub in `auths`.
  public static let hub = "https://index.docker.io/v1/"
  private(set) var config: ClientConfig

  public init(_ config: ClientConfig) { self.config = config }

  /// The helper in charge of a registry; nil when config.json itself is.
  func helper(for server: String) -> CredentialHelper? {
    let special =
      config["credHelpers"]?[Self.hostName(server)]?.string ?? config["credHelpers"]?[server]?.string
    let name = special ?? config.text("credsStore")
    return name.isEmpty ? nil : CredentialHelper(name: name)
  }

  /// The credentials for a registry; nil when there are none.
  public func credentials(for server: String) throws -> RegistryAuth? {
    if let helper = helper(for: server) { return try helper.get(server) }
    guard let auths = config["auths"]?.object else { return nil }
    let entry = auths[server] ?? auths.first { Self.hostName($0.key) == Self.hostName(server) }?.value
    return entry.flatMap { Self.credentials(from: $0, server) }
  }

  private static func credentials(from entry: JSONValue, _ server: String) -> RegistryAuth? {
    var auth = RegistryAuth()
    auth.serveraddress = server
    auth.identitytoken = entry["identitytoken"]?.string
    auth.username = entry["username"]?.string
    auth.password = entry["password"]?.string
    if let encoded = entry["auth"]?.string, let bytes = Base64.decode(encoded) {
      let parts = String(decoding: bytes, as: UTF8.self).split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      auth.username = parts.first.map(String.init)
      if parts.count > 1 { auth.password = parts[1].trimmingZeros() }
    }
    return auth.username == nil && auth.identitytoken == nil ? nil : auth
  }

  /// All that are known, for X-Registry-Config.
  public func all() -> [String: RegistryAuth] {
    var found: [String: RegistryAuth] = [:]
    for (server, _) in config["auths"]?.object ?? [:] {
      // A helper that fails for one registry must not keep a build from the others.
      if let auth = try? credentials(for: server) { found[server] = auth }
    }
    return found
  }

  /// Keeps credentials. Returns where, when that is a plain file.
  public mutating func store(_ auth: RegistryAuth, for server: String) throws -> String? {
    if let helper = helper(for: server) {
      try helper.store(auth, for: server)
      return nil
    }
    var auths = config["auths"]?.object ?? [:]
    var entry: JSONObject = [:]
    if let token = auth.identitytoken, !token.isEmpty { entry["identitytoken"] = .string(token) }
    entry["auth"] = .string(
      Base64.encode(
        Array(
          "\(auth.username ?? ""):\(auth.identitytoken?.isEmpty == false ? "" : auth.password ?? "")".utf8)))
    auths[server] = .object(entry)
    config["auths"] = .object(auths)
    try config.save()
    return "\(config.directory)/config.json"
  }

  /// Forgets credentials; whether there were any.
  public mutating func erase(_ server: String) throws -> Bool {
    if let helper = helper(for: server) { try helper.erase(server) }
    guard var auths = config["auths"]?.object, auths[server] != nil else { return false }
    auths[server] = nil
    config["auths"] = .object(auths)
    try config.save()
    return true
  }

  /// What X-Registry-Auth says for a registry; empty when nothing is known.
  public func header(for server: String) throws -> String {
    guard let auth = try credentials(for: server) else { return "" }
    return Self.header(auth)
  }

  public static func header(_ auth: RegistryAuth) -> String {
    Base64.encode(JSON.encode(auth), urlSafe: true)
  }

  /// A server's address without scheme and path.
  static func hostName(_ server: String) -> String {
    var name = server[...]
    for scheme in ["https://", "http://"] where name.hasPrefix(scheme) { name = name.dropFirst(scheme.count) }
    return String(name.prefix { $0 != "/" })
  }
}

extension Substring {
  /// Without the zero bytes that some writers leave behind a password.
  fileprivate func trimmingZeros() -> String { String(filter { $0 != "\0" }) }
}
