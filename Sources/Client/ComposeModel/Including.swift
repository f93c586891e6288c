import JSON
import PathPatterns

/// Follows `include`: other compose applications become part of this one.
struct Including {
  let loader: Loader
  /// The files that led here, for telling a circle.
  let chain: [String]

  private struct Entry {
    let paths: [String]
    let projectDirectory: String
    let envFiles: [String]
  }

  func apply(to tree: JSONObject) throws(ComposeError) -> JSONObject {
    guard let include = tree["include"] else { return tree }
    var result = tree
    for entry in try entries(include) {
      let imported = try load(entry)
      for section in ["services", "volumes", "networks", "secrets", "configs", "models"] {
        try add(imported[section], to: &result, section)
      }
    }
    result["include"] = nil
    return result
  }

  private func entries(_ include: JSONValue) throws(ComposeError) -> [Entry] {
    if include == .null { return [] }
    guard case .array(let items) = include else {
      throw ComposeError("`include` must be a list, got \(include.goText)")
    }
    func list(_ value: JSONValue?) -> [String] {
      value?.string.map { [$0] } ?? (value?.array ?? []).compactMap(\.string)
    }
    return items.map { item in
      if case .string(let path) = item { return Entry(paths: [path], projectDirectory: "", envFiles: []) }
      return Entry(
        paths: list(item["path"]), projectDirectory: item["project_directory"]?.string ?? "",
        envFiles: list(item["env_file"]))
    }
  }

  private func load(_ entry: Entry) throws(ComposeError) -> JSONObject {
    guard chain.count < Loader.maximalNesting else { throw ComposeError("include is nested too deeply") }
    guard let main = entry.paths.first else { return [:] }
    let paths = entry.paths.map(loader.absolute)
    if chain.contains(paths[0]) {
      throw ComposeError(
        "include cycle detected:\n\(chain[0])\n include "
          + (chain.dropFirst() + [paths[0]]).joined(separator: "\n include "))
    }
    var other = loader
    other.resolvesPaths = true
    if entry.projectDirectory.isEmpty {
      other.directory = SlashPath.directory(paths[0])
      other.base = loader.relativeDirectory(of: main)
    } else {
      other.directory = loader.absolute(entry.projectDirectory)
      other.base =
        entry.projectDirectory.hasPrefix("/")
        ? entry.projectDirectory : loader.relativeDirectory(of: entry.projectDirectory)
    }
    other.environment = loader.environment.merging(try environment(entry, other.directory)) { own, _ in own }
    return try other.load(paths.map { SourceFile(path: $0) }, including: chain)
  }

  private func environment(_ entry: Entry, _ directory: String) throws(ComposeError) -> [String: String] {
    var envFiles = entry.envFiles.map(loader.absolute)
    if envFiles.isEmpty {
      let usual = SlashPath.join(directory, ".env")
      if loader.files.kind(of: usual) == .file { envFiles = [usual] }
    }
    for (written, path) in zip(entry.envFiles, envFiles) where !written.hasPrefix("/") {
      switch loader.files.kind(of: path) {
      case .file: break
      case .directory: throw ComposeError("\(path) is not a file")
      case nil: throw ComposeError("stat \(path): no such file or directory")
      }
    }
    return try EnvFiles.read(envFiles, loader.files, environment: loader.environment, unset: loader.warnUnset)
  }

  private func add(_ imported: JSONValue?, to tree: inout JSONObject, _ section: String) throws(ComposeError)
  {
    guard case .object(let members) = imported else { return }
    var own = tree[section]?.object ?? [:]
    for (name, value) in members {
      if let conflict = own[name] {
        guard conflict == value else {
          throw ComposeError("\(section).\(name) conflicts with imported resource")
        }
      }
      own[name] = value
    }
    tree[section] = .object(own)
  }
}

/// The variables of `.env` files.
enum EnvFiles {
  /// Reads `paths` in order; later files win, and `environment` fills variables before the files do.
  static func read(
    _ paths: [String], _ files: any ComposeFiles, environment: [String: String],
    unset: @escaping (String) -> Void
  ) throws(ComposeError) -> [String: String] {
    var values: [String: String] = [:]
    for path in paths {
      switch files.kind(of: path) {
      case nil: throw ComposeError("couldn't find env file: \(path)")
      case .directory: throw ComposeError("\(path) is a directory")
      case .file: break
      }
      let content = try files.read(path)
      do {
        try EnvFileParser.parse(content, into: &values, unset: unset) { environment[$0] }
      } catch {
        throw ComposeError("failed to read \(path): \(error)")
      }
    }
    return values
  }
}
