import JSON
import Linux

/// A named engine that the user may talk to.
public struct EngineContext: Hashable, Sendable {
  public var name: String
  public var description: String
  public var host: String

  public init(name: String, description: String, host: String) {
    self.name = name
    self.description = description
    self.host = host
  }
}

/// The contexts under `contexts/meta` of the settings' directory, as Docker's client keeps them.
public struct ContextStore: Sendable {
  private let directory: String

  public init(configDirectory: String) { directory = "\(configDirectory)/contexts/meta" }

  /// All of them by name; what cannot be read is left out.
  public func all() -> [EngineContext] {
    // Without the directory there are no contexts.
    let names = (try? Files.names(in: directory)) ?? []
    return names.compactMap { read("\(directory)/\($0)/meta.json") }.sorted { $0.name < $1.name }
  }

  public func find(_ name: String) -> EngineContext? { all().first { $0.name == name } }

  private func read(_ path: String) -> EngineContext? {
    // A context that was half written is no context.
    guard let bytes = try? Files.read(path), let meta = try? JSON.parse(bytes),
      let name = meta["Name"]?.string
    else { return nil }
    return EngineContext(
      name: name, description: meta["Metadata"]?["Description"]?.string ?? "",
      host: meta["Endpoints"]?["docker"]?["Host"]?.string ?? "")
  }

  /// Keeps a context; `digest` is the SHA-256 of its name in hexadecimal, by which Docker names the directory.
  public func write(_ context: EngineContext, digest: String) throws(SyscallError) {
    let meta: JSONValue = [
      "Name": .string(context.name),
      "Metadata": context.description.isEmpty ? [:] : ["Description": .string(context.description)],
      "Endpoints": ["docker": ["Host": .string(context.host), "SkipTLSVerify": false]],
    ]
    try Files.makeDirectories("\(directory)/\(digest)")
    try Files.replace("\(directory)/\(digest)/meta.json", JSON.encode(meta))
  }

  public func remove(digest: String) throws(SyscallError) { try Files.removeTree("\(directory)/\(digest)") }
}
