import JSON
import PathPatterns
import TextFormats
import YAML

/// Which compose files to load, as the command line and the environment say.
public struct ProjectSource: Sendable {
  public var files: [String] = []
  public var projectName = ""
  public var projectDirectory = ""
  public var envFiles: [String] = []
  public var profiles: [String] = []
  /// Whether networks and volumes that no service uses are kept.
  public var keepsUnused = false
  /// The process's environment and working directory.
  public var environment: [String: String]
  public var currentDirectory: String

  public init(environment: [String: String], currentDirectory: String) {
    self.environment = environment
    self.currentDirectory = currentDirectory
  }

  /// Names of compose files that are looked for, in order of preference.
  public static let fileNames = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
  static let overrideNames = [
    "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
    "docker-compose.override.yaml",
  ]
}

/// The files of a project, found and read, with the environment that fills them in.
struct FoundProject {
  var sources: [SourceFile]
  var workingDirectory: String
  var environment: [String: String]
  var projectName: String
}

/// Finds the compose files, `.env` files and the name of a project.
struct ProjectFinder {
  let source: ProjectSource
  let files: any ComposeFiles
  let options: LoadOptions
  let log: LoadLog

  func find() throws(ComposeError) -> FoundProject {
    var environment = source.environment
    if environment["PWD"] == nil { environment["PWD"] = source.currentDirectory }
    var paths = source.files
    try readEnvFiles(&environment, paths)
    if paths.isEmpty { paths = try pathsOfEnvironment(environment) }
    if paths.isEmpty { paths = defaultPaths(from: workingDirectory(paths)) }
    try readEnvFiles(&environment, paths)
    if !source.projectName.isEmpty { try ProjectName.check(source.projectName) }
    guard !paths.isEmpty else { throw ComposeError("no configuration file provided: not found") }
    let directory = workingDirectory(paths)
    var sources: [SourceFile] = []
    for path in paths {
      if path == "-" {
        sources.append(SourceFile(path: "-", content: try files.standardInput()))
      } else {
        let absolute = self.absolute(path)
        sources.append(SourceFile(path: absolute, content: try files.read(absolute)))
      }
    }
    let name = try name(of: sources, environment, directory)
    environment["COMPOSE_PROJECT_NAME"] = name
    return FoundProject(
      sources: sources, workingDirectory: directory, environment: environment, projectName: name)
  }

  private func absolute(_ path: String) -> String { SlashPath.join(source.currentDirectory, path) }

  private func workingDirectory(_ paths: [String]) -> String {
    if !source.projectDirectory.isEmpty { return absolute(source.projectDirectory) }
    if let first = paths.first(where: { $0 != "-" }) { return SlashPath.directory(absolute(first)) }
    return source.currentDirectory
  }

  private func readEnvFiles(_ environment: inout [String: String], _ paths: [String]) throws(ComposeError) {
    var envFiles = source.envFiles.map(absolute)
    if envFiles.isEmpty {
      let usual = SlashPath.join(workingDirectory(paths), ".env")
      let disabled = ["1", "t", "T", "TRUE", "true", "True"].contains(
        source.environment["COMPOSE_DISABLE_ENV_FILE"] ?? "")
      if !disabled, files.kind(of: usual) == .file { envFiles = [usual] }
    }
    let values = try EnvFiles.read(envFiles, files, environment: environment) { name in
      log.warn("The \(GoQuote.text(name)) variable is not set. Defaulting to a blank string.")
    }
    environment.merge(values) { own, _ in own }
  }

  private func pathsOfEnvironment(_ environment: [String: String]) throws(ComposeError) -> [String] {
    guard let list = environment["COMPOSE_FILE"] else { return [] }
    let separator = environment["COMPOSE_PATH_SEPARATOR"].flatMap { $0.isEmpty ? nil : $0 } ?? ":"
    var paths: [String] = []
    for path in list.split(separator: separator, omittingEmptySubsequences: false).map(String.init) {
      guard path != "-" else {
        paths.append(path)
        continue
      }
      let absolute = path.isEmpty ? source.currentDirectory : self.absolute(path)
      guard files.kind(of: absolute) != nil else {
        throw ComposeError("stat \(absolute): no such file or directory")
      }
      paths.append(absolute)
    }
    return paths
  }

  private func defaultPaths(from directory: String) -> [String] {
    var place = directory
    while true {
      let candidates = existing(ProjectSource.fileNames, in: place)
      if let winner = candidates.first {
        warnIfSeveral(candidates, "config")
        let overrides = existing(ProjectSource.overrideNames, in: place)
        warnIfSeveral(overrides, "override")
        return [winner] + overrides.prefix(1)
      }
      guard place != "/" else { return [] }
      place = SlashPath.directory(place)
    }
  }

  private func existing(_ names: [String], in directory: String) -> [String] {
    names.map { SlashPath.join(directory, $0) }.filter { files.kind(of: $0) != nil }
  }

  private func warnIfSeveral(_ candidates: [String], _ what: String) {
    guard candidates.count > 1 else { return }
    log.warn("Found multiple \(what) files with supported names: \(candidates.joined(separator: ", "))")
    log.warn("Using \(candidates[0])")
  }

  // MARK: The name

  private func name(
    of sources: [SourceFile], _ environment: [String: String], _ directory: String
  ) throws(ComposeError) -> String {
    if !source.projectName.isEmpty { return source.projectName }
    var written = ""
    for file in sources {
      let documents: [YAMLNode]
      do { documents = try YAML.parse(file.content ?? []) } catch { throw ComposeError("\(error)") }
      if let first = documents.first { try ProjectName.checkReadable(first) }
      for document in documents {
        if let name = ProjectName.written(in: document), !name.isEmpty { written = name }
      }
    }
    if let name = environment["COMPOSE_PROJECT_NAME"], !name.isEmpty {
      try ProjectName.check(name)
      return name
    }
    guard !written.isEmpty else { return ProjectName.normalized(SlashPath.base(directory)) }
    guard options.interpolates else { return options.normalizes ? ProjectName.normalized(written) : written }
    let interpolation = Interpolation(lookup: { environment[$0] })
    let tree: JSONValue = ["name": .string(written)]
    let filled =
      try TreeInterpolation(interpolation: interpolation, warn: log.warn).fill(tree)["name"]?.string ?? ""
    return options.normalizes ? ProjectName.normalized(filled) : filled
  }
}

/// What may be the name of a project.
public enum ProjectName {
  /// Lower case, without what a name may not hold.
  public static func normalized(_ text: String) -> String {
    let kept = text.lowercased().unicodeScalars.filter { scalar in
      switch scalar {
      case "a"..."z", "0"..."9", "_", "-": true
      default: false
      }
    }
    return String(String.UnicodeScalarView(kept.drop { $0 == "_" || $0 == "-" }))
  }

  static func check(_ name: String) throws(ComposeError) {
    guard normalized(name) != name else { return }
    throw ComposeError(
      "invalid project name \(GoQuote.text(name)): must consist only of lowercase alphanumeric characters, "
        + "hyphens, and underscores as well as start with a letter or number")
  }

  /// Complains in go-yaml's words about a file that has no keys, or one twice, at its top.
  static func checkReadable(_ document: YAMLNode) throws(ComposeError) {
    let what: String
    switch document.content {
    case .mapping(let pairs):
      var lines: [String: Int] = [:]
      for (key, _) in pairs {
        guard let name = key.text else { continue }
        if let line = lines[name] {
          throw ComposeError(
            "yaml: unmarshal errors:\n  line \(key.line): mapping key \(GoQuote.text(name)) "
              + "already defined at line \(line)")
        }
        lines[name] = key.line
      }
      return
    case .scalar(let text, let style):
      if style == .plain, ScalarValue(plain: text) == .null { return }
      what = "!!str `\(text.count > 10 ? text.prefix(7) + "..." : text[...])`"
    case .sequence: what = "!!seq"
    case .alias: return
    }
    throw ComposeError(
      "yaml: unmarshal errors:\n  line \(document.line): cannot unmarshal \(what) into cli.named")
  }

  static func written(in document: YAMLNode) -> String? {
    guard case .mapping(let pairs) = document.content else { return nil }
    return pairs.first { $0.key.text == "name" }?.value.text
  }
}
