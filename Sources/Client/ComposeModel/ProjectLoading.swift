import JSON
import PathPatterns
import TextFormats

extension Project {
  /// The project that `source` names, with the services of `selection` and what they depend on; all where it is empty.
  public static func load(
    _ source: ProjectSource, files: any ComposeFiles, options: LoadOptions = LoadOptions(),
    log: LoadLog = LoadLog(),
    selecting selection: [String] = []
  ) throws(ComposeError) -> Project {
    let options = withProfiles(options, source)
    let found = try ProjectFinder(source: source, files: files, options: options, log: log).find()
    let options2 = withProfiles(options, source, found.environment)
    let tree = try self.tree(of: found, files, options2, log, source)
    var project = try Project(tree, found, options2, log)
    project.enable(options2.profiles)
    if options2.checksConsistency { try Consistency(project).check() }
    let reading = ServiceFiles(files: files, log: log)
    if options2.resolvesEnvironment {
      try reading.resolveEnvironment(of: &project, discards: options2.discardsFiles)
    }
    try reading.resolveLabels(of: &project, discards: options2.discardsFiles)
    guard !project.name.isEmpty else {
      throw ComposeError("project name can't be empty. Use `--project-name` to set a valid name")
    }
    project.enableServices(selection)
    try project.select(selection)
    if !source.keepsUnused { project.dropUnused() }
    return project
  }

  /// The merged tree of the files, before it becomes a project; for `config --no-interpolate`.
  public static func tree(
    _ source: ProjectSource, files: any ComposeFiles, options: LoadOptions, log: LoadLog
  ) throws(ComposeError) -> JSONObject {
    let found = try ProjectFinder(source: source, files: files, options: options, log: log).find()
    var tree = try tree(of: found, files, options, log, source)
    if case .object(var secrets) = tree["secrets"] {
      for (name, value) in secrets {
        guard case .object(var secret) = value else { continue }
        secret[EnvironmentValues.secretKey] = nil
        secrets[name] = .object(secret)
      }
      tree["secrets"] = .object(secrets)
    }
    return tree
  }

  /// The name a project would have, without loading it.
  public static func name(
    _ source: ProjectSource, files: any ComposeFiles, log: LoadLog = LoadLog()
  ) throws(ComposeError) -> String {
    try ProjectFinder(source: source, files: files, options: LoadOptions(), log: log).find().projectName
  }

  private static func withProfiles(
    _ options: LoadOptions, _ source: ProjectSource, _ environment: [String: String] = [:]
  ) -> LoadOptions {
    var result = options
    result.profiles = source.profiles
    if result.profiles.isEmpty {
      result.profiles = (environment["COMPOSE_PROFILES"] ?? "").split(separator: ",").map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
    return result
  }

  private static func tree(
    of found: FoundProject, _ files: any ComposeFiles, _ options: LoadOptions, _ log: LoadLog,
    _ source: ProjectSource
  ) throws(ComposeError) -> JSONObject {
    let loader = Loader(
      files: files, options: options, log: log, home: source.environment["HOME"],
      environment: found.environment,
      directory: found.workingDirectory, base: found.workingDirectory, resolvesPaths: options.resolvesPaths)
    var tree = try loader.load(found.sources)
    guard !tree.isEmpty else { throw ComposeError("empty compose file") }
    guard !found.projectName.isEmpty else { throw ComposeError("project name must not be empty") }
    if options.normalizes {
      tree["name"] = .string(found.projectName)
      tree = Normalizing(projectName: found.projectName, environment: found.environment).normalize(tree)
    }
    return tree
  }

  private init(
    _ tree: JSONObject, _ found: FoundProject, _ options: LoadOptions, _ log: LoadLog
  ) throws(ComposeError) {
    let reader = ShapeReader(warn: log.warn)
    func parts(_ section: String, _ part: String) throws(ComposeError) -> [String: JSONObject] {
      var result: [String: JSONObject] = [:]
      for (name, value) in tree[section]?.object ?? [:] {
        result[name] = try reader.read(part, value, "\(section)[\(name)]")
      }
      return result
    }
    name = found.projectName
    workingDirectory = found.workingDirectory
    files = found.sources.map(\.path)
    environment = found.environment
    services = [:]
    for (name, fields) in try parts("services", "service") {
      services[name] = Service(name: name, fields: fields)
    }
    networks = try parts("networks", "network")
    volumes = try parts("volumes", "volume")
    secrets = try parts("secrets", "file")
    configs = try parts("configs", "file")
    models = try parts("models", "model")
    extensions = JSONObject(tree.members.filter { $0.key.hasPrefix("x-") }.map { ($0.key, $0.value) })
  }
}

/// What services read from files of their own: `env_file` and `label_file`.
struct ServiceFiles {
  let files: any ComposeFiles
  let log: LoadLog

  private func warnUnset(_ name: String) {
    log.warn("The \(GoQuote.text(name)) variable is not set. Defaulting to a blank string.")
  }

  /// Fills `environment` of every service from outside and from its files.
  func resolveEnvironment(of project: inout Project, discards: Bool) throws(ComposeError) {
    let outside = project.environment
    for (name, service) in project.services.sorted(by: { $0.key < $1.key }) {
      var own = service.members("environment")
      for (key, value) in own where value == .null {
        if let found = outside[key] { own[key] = .string(found) }
      }
      var values: [String: String] = [:]
      for (key, value) in own { if let text = value.string { values[key] = text } }
      for file in service.parts("env_file") {
        let lookup = { (key: String) -> String? in outside[key] ?? own[key]?.string }
        try read(file, into: &values, lookup)
      }
      var merged = own
      for (key, value) in values.sorted(by: { $0.key < $1.key }) where merged[key] == nil {
        merged[key] = .string(value)
      }
      var changed = service
      changed["environment"] = merged.isEmpty ? JSONValue?.none : .object(merged)
      if discards { changed["env_file"] = nil }
      project.services[name] = changed
    }
  }

  private func read(
    _ file: JSONObject, into values: inout [String: String], _ lookup: @escaping (String) -> String?
  ) throws(ComposeError) {
    let path = file["path"]?.string ?? ""
    guard files.kind(of: path) != nil else {
      guard file["required"]?.bool != false else { return }
      throw ComposeError("env file \(path) not found: stat \(path): no such file or directory")
    }
    switch file["format"]?.string ?? "" {
    case "": try read(path, into: &values, lookup)
    case "raw": try readRaw(path, into: &values, lookup)
    case let format: throw ComposeError("unsupported env_file format \(GoQuote.text(format))")
    }
  }

  private func read(
    _ path: String, into values: inout [String: String], _ lookup: @escaping (String) -> String?
  ) throws(ComposeError) {
    let content = try files.read(path)
    do { try EnvFileParser.parse(content, into: &values, unset: warnUnset, lookup: lookup) } catch {
      throw ComposeError("failed to read \(path): \(error)")
    }
  }

  /// Lines `KEY=value` taken as they are, as `docker run --env-file` does.
  private func readRaw(
    _ path: String, into values: inout [String: String], _ lookup: (String) -> String?
  ) throws(ComposeError) {
    let text = String(decoding: try files.read(path), as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.drop { $0 == " " || $0 == "\t" }
      guard !line.isEmpty, line.first != "#" else { continue }
      let key = String(line.prefix { $0 != "=" })
      guard !key.isEmpty else { throw ComposeError("no variable name on line '\(line)'") }
      guard !key.contains(where: { $0 == " " || $0 == "\t" }) else {
        throw ComposeError("variable '\(key)' contains whitespaces")
      }
      if key.count < line.count {
        values[key] = String(line.dropFirst(key.count + 1))
      } else if let value = lookup(key) {
        values[key] = value
      }
    }
  }

  /// Fills `labels` of every service from its files.
  func resolveLabels(of project: inout Project, discards: Bool) throws(ComposeError) {
    for (name, service) in project.services.sorted(by: { $0.key < $1.key }) {
      guard service["label_file"] != nil else { continue }
      var values: [String: String] = [:]
      for path in service.list("label_file") {
        guard files.kind(of: path) != nil else {
          throw ComposeError("label file \(path) not found: stat \(path): no such file or directory")
        }
        let before = values
        try read(path, into: &values) { before[$0] }
      }
      var labels = JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
      for (key, value) in service.members("labels") { labels[key] = value }
      var changed = service
      changed["labels"] = labels.isEmpty ? JSONValue?.none : .object(labels)
      if discards { changed["label_file"] = nil }
      project.services[name] = changed
    }
  }
}
