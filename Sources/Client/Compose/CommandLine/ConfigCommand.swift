import ComposeModel
import Flags
import JSON
import Linux
import TerminalUI

enum ConfigCommand {
  static let entry = Subcommand(
    "config", alias: "convert", "Parse, resolve and render compose file in canonical format",
    usage: "[SERVICE...]",
    flags: [
      .bool("environment", "Print environment used for interpolation."),
      .string("format", "Format the output. Values: [yaml | json]"),
      .string("hash", "Print the service config hash, one per line."),
      .bool("images", "Print the image names, one per line."),
      .bool("lock-image-digests", "Produces an override file with image digests"),
      .bool("models", "Print the model names, one per line."),
      .bool("networks", "Print the network names, one per line."),
      .bool("no-consistency", "Don't check model consistency - warning: may produce invalid Compose output"),
      .bool("no-env-resolution", "Don't resolve service env files"),
      .bool("no-interpolate", "Don't interpolate environment variables"),
      .bool("no-normalize", "Don't normalize compose model"),
      .bool("no-path-resolution", "Don't resolve file paths"),
      .string("output|o", "Save to file (default to stdout)"),
      .bool("profiles", "Print the profile names, one per line."),
      .bool("quiet|q", "Only validate the configuration, don't print anything"),
      .bool("resolve-image-digests", "Pin image tags to digests"),
      .bool("services", "Print the service names, one per line."),
      .bool("variables", "Print model variables and default values."),
      .bool("volumes", "Print the volume names, one per line."),
    ]
  ) { arguments, invocation in
    let output = try Config(arguments, invocation).output()
    if arguments.bool("quiet") { return 0 }
    if let path = arguments.given("output"), !path.isEmpty {
      try Files.write(path, Array(output.utf8))
    } else {
      StandardStream.output.write(output)
    }
    return 0
  }
}

/// What `config` prints.
private struct Config {
  let arguments: Arguments
  let invocation: Invocation
  let options: LoadOptions

  init(_ arguments: Arguments, _ invocation: Invocation) {
    self.arguments = arguments
    self.invocation = invocation
    var options = LoadOptions()
    options.interpolates = !arguments.bool("no-interpolate")
    options.normalizes = !arguments.bool("no-normalize") && !invocation.compatibility
    options.resolvesPaths = !arguments.bool("no-path-resolution")
    options.checksConsistency = !arguments.bool("no-consistency")
    options.resolvesEnvironment = !arguments.bool("no-env-resolution")
    options.discardsFiles = !arguments.bool("no-env-resolution")
    self.options = options
  }

  func output() throws -> String {
    for flag in ["resolve-image-digests", "lock-image-digests"] where arguments.bool(flag) {
      throw ComposeFailure("--\(flag) is not supported: write the digests into the compose file")
    }
    if arguments.bool("services") { return try services() }
    if arguments.bool("volumes") { return lines(try project([], environment: false).volumes.keys.sorted()) }
    if arguments.bool("networks") { return lines(try project([], environment: false).networks.keys.sorted()) }
    if arguments.bool("models") {
      let models = try project([], environment: false).models.values
      return lines(models.compactMap { $0["model"]?.string }.sorted())
    }
    if let names = arguments.given("hash"), !names.isEmpty { return try hashes(names) }
    if arguments.bool("profiles") { return try profiles() }
    if arguments.bool("images") {
      let project = try project(arguments.words, environment: false)
      return lines(project.serviceNames.compactMap { project.services[$0]?.imageName(in: project.name) })
    }
    if arguments.bool("variables") { return try variables() }
    if arguments.bool("environment") {
      return lines(try project(arguments.words).environment.map { "\($0.key)=\($0.value)" }.sorted())
    }
    return try model()
  }

  private func project(_ services: [String], environment: Bool = true) throws -> Project {
    var options = self.options
    if !environment { options.resolvesEnvironment = false }
    return try invocation.project(selecting: services, options: options)
  }

  private func tree() throws -> JSONObject {
    let log = LoadLog()
    defer { Invocation.tell(log) }
    return try Project.tree(invocation.source, files: invocation.files, options: options, log: log)
  }

  private func lines(_ names: [String]) -> String { names.map { $0 + "\n" }.joined() }

  private func services() throws -> String {
    guard options.interpolates else { return lines((try tree()["services"]?.object ?? [:]).keys.sorted()) }
    return lines(try project([], environment: false).namesInDependencyOrder)
  }

  private func profiles() throws -> String {
    let project = try project(arguments.words, environment: false)
    let all = Array(project.services.values) + Array(project.disabled.values)
    return lines(Set(all.flatMap { $0.list("profiles") }).sorted())
  }

  private func hashes(_ selection: String) throws -> String {
    let project = try project([], environment: false)
    let names =
      selection == "*" ? project.serviceNames : selection.split(separator: ",").map(String.init).sorted()
    var result: [String] = []
    for name in names { result.append("\(name) \(ConfigHash.of(try project.service(name)))") }
    return lines(result)
  }

  private func variables() throws -> String {
    var options = self.options
    options.interpolates = false
    let log = LoadLog()
    defer { Invocation.tell(log) }
    let tree = try Project.tree(invocation.source, files: invocation.files, options: options, log: log)
    let found = TemplateVariable.all(in: .object(tree))
    let sorted = found.sorted { $0.key < $1.key }.map(\.value)
    switch arguments.string("format") {
    case "yaml": return Project.yaml(of: JSONObject(sorted.map { ($0.name, $0.tree(lowerCase: true)) }))
    case "json":
      let object = JSONObject(sorted.map { ($0.name, $0.tree(lowerCase: false)) })
      return String(decoding: JSON.encode(JSONValue.object(object), as: .docker), as: UTF8.self) + "\n"
    default:
      let rows = sorted.map { "\($0.name)\t\($0.required)\t\($0.fallback)\t\($0.alternative)" }
      return ListingCommands.wide(["NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE"] + rows)
    }
  }

  private func model() throws -> String {
    let format = arguments.given("format") ?? ""
    guard format.isEmpty || format == "yaml" || format == "json" else {
      throw ComposeFailure("unsupported format \"\(format)\"")
    }
    guard options.interpolates else {
      let tree = try tree()
      return format == "json" ? Project.json(of: tree) : Project.yaml(of: tree)
    }
    let project = try project(arguments.words)
    if options.checksConsistency { try project.checkContainerNames() }
    let text = format == "json" ? project.json() : project.yaml()
    return text.split(separator: "$" as Character, omittingEmptySubsequences: false).joined(separator: "$$")
  }
}
