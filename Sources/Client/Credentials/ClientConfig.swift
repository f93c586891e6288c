import JSON
import Linux

/// The user's settings: config.json in `~/.docker`, shared with Docker's own client. What is not known here is kept.
public struct ClientConfig: Sendable {
  public let directory: String
  private var content: JSONObject

  public init(directory: String, content: JSONObject = [:]) {
    self.directory = directory
    self.content = content
  }

  /// `DOCKER_CONFIG`, else `.docker` in the home directory.
  public static func standardDirectory() -> String {
    if let directory = Environment.value("DOCKER_CONFIG"), !directory.isEmpty { return directory }
    return (Environment.value("HOME") ?? "/root") + "/.docker"
  }

  /// Reads `config.json`; a missing file is an empty one, a broken one an error.
  public static func load(directory: String) throws(ConfigError) -> ClientConfig {
    let path = "\(directory)/config.json"
    let bytes: [UInt8]
    do throws(SyscallError) {
      bytes = try Files.read(path)
    } catch {
      if error.errno == .noSuchFile || error.errno == .notADirectory {
        return ClientConfig(directory: directory)
      }
      throw ConfigError(path: path, reason: "\(error)")
    }
    do throws(JSONError) {
      guard case .object(let content) = try JSON.parse(bytes) else {
        throw JSONError(line: 1, column: 1, path: "", message: "expected an object")
      }
      return ClientConfig(directory: directory, content: content)
    } catch {
      throw ConfigError(path: path, reason: "\(error)")
    }
  }

  /// Writes `config.json`, readable by its owner alone.
  public func save() throws(SyscallError) {
    try Files.makeDirectories(directory, mode: 0o700)
    try Files.replace("\(directory)/config.json", JSON.encode(content, pretty: true), mode: 0o600)
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
      "httpProxy": "HTTP_PROXY", "httpsProxy": "HTTPS_PROXY", "ftpProxy": "FTP_PROXY", "noProxy": "NO_PROXY",
      "allProxy": "ALL_PROXY",
    ]
    return chosen.flatMap { member -> [(name: String, value: String)] in
      guard let name = names[member.key], let value = member.value.string, !value.isEmpty else { return [] }
      return [(name, value), (name.lowercased(), value)]
    }.sorted { $0.name < $1.name }
  }
}

/// Settings that cannot be read.
public struct ConfigError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: String
  public var description: String { "error loading config file \(path): \(reason)" }
}
