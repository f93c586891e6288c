import JSON
import PathPatterns
import TextFormats
import YAML

/// One compose file: its absolute path (`-` for the standard input) and, where it was read already, its bytes.
struct SourceFile {
  let path: String
  var content: [UInt8]?
}

/// Compose files to one tree: read, filled in, extended, merged, checked, in canonical form.
///
/// The order of steps is compose-go's, because it decides which of several complaints is shown and what `!reset`,
/// `extends` and `include` see.
struct Loader {
  let files: any ComposeFiles
  let options: LoadOptions
  let log: LoadLog
  let home: String?
  /// What variables are filled in from.
  var environment: [String: String]
  /// The absolute directory that the paths in files are relative to.
  var directory: String
  /// `directory` as seen from the project's, where paths are made relative to it.
  var base: String
  var validates = true
  var extends = true
  var includes = true
  var resolvesPaths: Bool

  static let maximalNesting = 50

  /// The tree of `sources` laid over each other, with defaults and absolute paths.
  func load(_ sources: [SourceFile], including chain: [String] = []) throws(ComposeError) -> JSONObject {
    var tree = JSONObject()
    for source in sources { (tree, _) = try add(source, to: tree, including: chain) }
    tree = try Defaults.fill(tree)
    if validates { try Defaults.check(tree) }
    if resolvesPaths { tree = try RelativePaths(base: base, home: home, files: files).resolve(tree) }
    return EnvironmentValues(environment).fill(tree)
  }

  /// `tree` with a file laid over it, and the places that the file resets.
  func add(
    _ source: SourceFile, to tree: JSONObject, including chain: [String]
  ) throws(ComposeError) -> (JSONObject, [[String]]) {
    let content: [UInt8]
    if let known = source.content { content = known } else { content = try files.read(source.path) }
    let documents: [YAMLNode]
    do { documents = try YAML.parse(content) } catch {
      throw ComposeError("failed to parse \(source.path): \(error)")
    }
    var result = tree
    var resets: [[String]] = []
    for document in documents {
      let model: YAMLTree
      do { model = try YAMLTree(document) } catch {
        throw ComposeError(
          error.description.hasPrefix("non-string key")
            ? error.description : "failed to parse \(source.path): \(error)")
      }
      resets = model.resets
      result = try add(model, from: source.path, to: result, including: chain)
    }
    return (result, resets)
  }

  private func add(
    _ model: YAMLTree, from path: String, to tree: JSONObject, including chain: [String]
  ) throws(ComposeError) -> JSONObject {
    guard case .object(var file) = model.value else {
      throw ComposeError("top-level object must be a mapping")
    }
    if options.interpolates { file = try filled(file) }
    if extends { file = try Extending(loader: self, file: path, resets: model.resets).apply(to: file) }
    var result = dropping(model.resets, from: .object(tree)).object ?? [:]
    if includes { file = try Including(loader: self, chain: chain + [path]).apply(to: file) }
    result = try Unicity.enforce(try Merging.merge(result, file))
    if validates {
      if let complaint = SchemaCheck().complaint(about: .object(result)) {
        throw ComposeError("validating \(path): \(complaint)")
      }
      if result["version"] != nil {
        log.warn(
          "\(path): the attribute `version` is obsolete, it will be ignored, "
            + "please remove it to avoid potential confusion")
        result["version"] = nil
      }
    }
    result = try Canonical(lenient: !options.interpolates, warn: log.warn).transform(result)
    return try Unicity.enforce(withoutEmptyNameServers(result))
  }

  private func filled(_ file: JSONObject) throws(ComposeError) -> JSONObject {
    let interpolation = Interpolation(lookup: { environment[$0] }, unset: warnUnset)
    let tree = try TreeInterpolation(interpolation: interpolation, warn: log.warn).fill(.object(file))
    return tree.object ?? [:]
  }

  func warnUnset(_ name: String) {
    log.warn("The \(GoQuote.text(name)) variable is not set. Defaulting to a blank string.")
  }

  private func withoutEmptyNameServers(_ tree: JSONObject) -> JSONObject {
    guard case .object(var services) = tree["services"] else { return tree }
    for (name, value) in services {
      guard case .object(var service) = value, case .array(let servers) = service["dns"] else { continue }
      let kept = servers.filter { $0 != .null && $0 != "" }
      guard kept.count < servers.count else { continue }
      service["dns"] = kept.isEmpty ? .null : .array(kept)
      services[name] = .object(service)
    }
    var result = tree
    result["services"] = .object(services)
    return result
  }

  /// `path` as seen from this loader's directory.
  func absolute(_ path: String) -> String { SlashPath.join(directory, path) }

  /// The directory of `path` relative to this loader's, as a step of `base`.
  func relativeDirectory(of path: String) -> String {
    let absolute = absolute(path)
    let target = files.kind(of: absolute) == .directory ? absolute : SlashPath.directory(absolute)
    return Self.relative(target, from: directory)
  }

  /// The way from one absolute directory to another.
  static func relative(_ target: String, from start: String) -> String {
    let goal = target.split(separator: "/")
    let origin = start.split(separator: "/")
    let common = zip(goal, origin).prefix { $0 == $1 }.count
    let steps = Array(repeating: "..", count: origin.count - common) + goal.dropFirst(common).map(String.init)
    return steps.isEmpty ? "." : steps.joined(separator: "/")
  }
}

/// Values that `environment:` takes from outside without `$`.
struct EnvironmentValues {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// The key under which a secret keeps its value; no file can name it.
  static let secretKey = "x-#value"

  func fill(_ tree: JSONObject) -> JSONObject {
    var result = tree
    change("services", of: &result) { service in
      guard case .array(let variables) = service["environment"] else { return }
      service["environment"] = .array(
        variables.compactMap { item in
          guard case .string(let name) = item else { return nil }
          return environment[name].map { .string("\(name)=\($0)") } ?? item
        })
    }
    change("secrets", of: &result) { secret in
      if let name = secret["environment"]?.string, let value = environment[name] {
        secret[Self.secretKey] = .string(value)
      }
    }
    change("configs", of: &result) { config in
      if let name = config["environment"]?.string, let value = environment[name] {
        config["content"] = .string(value)
      }
    }
    return result
  }

  private func change(_ section: String, of tree: inout JSONObject, _ body: (inout JSONObject) -> Void) {
    guard case .object(var members) = tree[section] else { return }
    for (name, value) in members {
      guard case .object(var object) = value else { continue }
      body(&object)
      members[name] = .object(object)
    }
    tree[section] = .object(members)
  }
}
