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
    var servers = Set((config["auths"]?.object ?? [:]).map(\.key))
    servers.formUnion((config["credHelpers"]?.object ?? [:]).map(\.key))
    let store = config.text("credsStore")
    // A helper that fails for one registry must not keep a build from the others.
    if !store.isEmpty { servers.formUnion((try? CredentialHelper(name: store).servers()) ?? []) }
    var found: [String: RegistryAuth] = [:]
    for server in servers {
      // The same holds here.
      if let auth = try? credentials(for: server) { found[server] = auth }
    }
    return found
  }

  /// Keeps credentials. Returns where, when that is a plain file.
  public mutating func store(_ auth: RegistryAuth, for server: String) throws -> String? {
    var auths = config["auths"]?.object ?? [:]
    var entry: JSONObject = [:]
    let helper = helper(for: server)
    if let helper {
      try helper.store(auth, for: server)
      // That there is something to ask the helper for stands in the file.
      if auths[server] == .object([:]) { return nil }
    } else {
      if let token = auth.identitytoken, !token.isEmpty { entry["identitytoken"] = .string(token) }
      let password = auth.identitytoken?.isEmpty == false ? "" : auth.password ?? ""
      entry["auth"] = .string(Base64.encode(Array("\(auth.username ?? ""):\(password)".utf8)))
    }
    auths[server] = .object(entry)
    config["auths"] = .object(auths)
    try config.save()
    return helper == nil ? "\(config.directory)/config.json" : nil
  }

  /// Forgets credentials under every spelling of the address.
  public mutating func erase(_ server: String) throws {
    if let helper = helper(for: server) { try Self.erase(server, by: helper) }
    guard var auths = config["auths"]?.object else { return }
    let names = auths.map(\.key).filter { $0 == server || Self.hostName($0) == server }
    guard !names.isEmpty else { return }
    for name in names { auths[name] = nil }
    config["auths"] = .object(auths)
    try config.save()
  }

  /// Earlier clients kept secrets under addresses with a scheme. One that could be forgotten is enough.
  private static func erase(_ server: String, by helper: CredentialHelper) throws {
    let spellings = server == hub ? [server] : [server, "http://\(server)", "https://\(server)"]
    var failure: CredentialHelperError?
    var failed = 0
    for spelling in spellings {
      do {
        try helper.erase(spelling)
      } catch let error as CredentialHelperError {
        failure = failure ?? error
        failed += 1
      }
    }
    if let failure, failed == spellings.count { throw failure }
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
