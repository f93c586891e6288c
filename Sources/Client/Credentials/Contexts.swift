import Hashing
import JSON
import Linux

/// A named engine that the user may talk to.
public struct EngineContext: Hashable, Sendable {
  public let name: String
  /// The whole of meta.json: what is not known here is kept.
  private var meta: JSONObject

  public init(name: String, description: String, host: String, skipsVerification: Bool = false) {
    self.name = name
    meta = ["Name": .string(name), "Metadata": [:], "Endpoints": [:]]
    self.description = description
    setEndpoint(host, skipsVerification: skipsVerification)
  }

  /// From the content of meta.json, under another name where one is given.
  public init?(_ value: JSONValue, name other: String? = nil) {
    guard case .object(var meta) = value, let name = other ?? meta["Name"]?.string else { return nil }
    meta["Name"] = .string(name)
    self.name = name
    self.meta = meta
  }

  /// The same engine under another name.
  public func renamed(_ name: String) -> EngineContext? { EngineContext(.object(meta), name: name) }

  public var content: JSONValue { .object(meta) }
  public var metadata: JSONValue { meta["Metadata"] ?? [:] }
  public var endpoints: JSONValue { meta["Endpoints"] ?? [:] }
  public var host: String { endpoints["docker"]?["Host"]?.string ?? "" }
  /// Whether the engine's certificate is taken whatever it is.
  public var skipsVerification: Bool { endpoints["docker"]?["SkipTLSVerify"]?.bool ?? false }

  public var description: String {
    get { metadata["Description"]?.string ?? "" }
    set {
      var object = metadata.object ?? [:]
      object["Description"] = newValue.isEmpty ? nil : .string(newValue)
      meta["Metadata"] = .object(object)
    }
  }

  public mutating func setEndpoint(_ host: String, skipsVerification: Bool) {
    var object = endpoints.object ?? [:]
    object["docker"] = ["Host": .string(host), "SkipTLSVerify": .bool(skipsVerification)]
    meta["Endpoints"] = .object(object)
  }
}

/// What TLS needs to reach a context's engine: the contents of PEM files by docker's names for them.
public typealias ContextSecrets = [String: [UInt8]]

/// The contexts below `contexts` of the settings' directory, as Docker's client keeps them.
public struct ContextStore: Sendable {
  /// Docker's names for the files of TLS.
  public static let secretNames = ["ca.pem", "cert.pem", "key.pem"]

  private let directory: String

  public init(configDirectory: String) { directory = "\(configDirectory)/contexts" }

  public func metaDirectory(of name: String) -> String { "\(directory)/meta/\(SHA256.hex(of: name))" }
  public func secretsDirectory(of name: String) -> String { "\(directory)/tls/\(SHA256.hex(of: name))" }

  /// All of them by name; what cannot be read is left out.
  public func all() -> [EngineContext] {
    // Without the directory there are no contexts.
    let names = (try? Files.names(in: "\(directory)/meta")) ?? []
    return names.compactMap { read("\(directory)/meta/\($0)/meta.json") }.sorted { $0.name < $1.name }
  }

  public func find(_ name: String) -> EngineContext? { read("\(metaDirectory(of: name))/meta.json") }

  private func read(_ path: String) -> EngineContext? {
    // A context that was half written is no context.
    guard let bytes = try? Files.read(path), let meta = try? JSON.parse(bytes) else { return nil }
    return EngineContext(meta)
  }

  /// Where a context's file of TLS is, by docker's name for it; nil where there is none.
  public func secretPath(_ file: String, of name: String) -> String? {
    let path = "\(secretsDirectory(of: name))/docker/\(file)"
    return Files.exist(path) ? path : nil
  }

  public func secrets(of name: String) throws(SyscallError) -> ContextSecrets {
    var secrets: ContextSecrets = [:]
    for file in Self.secretNames {
      if let path = secretPath(file, of: name) { secrets[file] = try Files.read(path) }
    }
    return secrets
  }

  /// Keeps a context; `secrets` nil leaves those that are there.
  public func write(_ context: EngineContext, secrets: ContextSecrets? = nil) throws(SyscallError) {
    if let secrets {
      try Files.removeTree(secretsDirectory(of: context.name))
      let place = "\(secretsDirectory(of: context.name))/docker"
      for (file, content) in secrets where Self.secretNames.contains(file) {
        try Files.makeDirectories(place, mode: 0o700)
        try Files.replace("\(place)/\(file)", content, mode: 0o600)
      }
    }
    let place = metaDirectory(of: context.name)
    try Files.makeDirectories(place)
    try Files.replace("\(place)/meta.json", JSON.encode(context.content))
  }

  public func remove(_ name: String) throws(SyscallError) {
    try Files.removeTree(metaDirectory(of: name))
    try Files.removeTree(secretsDirectory(of: name))
  }
}
