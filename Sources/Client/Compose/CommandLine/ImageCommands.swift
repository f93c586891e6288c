import BuildContext
import ComposeModel
import DockerClient
import Flags
import Linux
import Reactor
import TerminalUI
import TextFormats

/// `build`, `pull`, `push`.
enum ImageCommands {
  static let entries: [Subcommand] = [build, pull, push]

  static let build = Subcommand(
    "build", "Build or rebuild services", usage: "[SERVICE...]",
    flags: [
      .list("build-arg", "Set build-time variables for services", typeName: "stringArray"),
      .string("builder", "Set builder to use").hidden, .bool("check", "Check build configuration").hidden,
      .string(
        "memory|m", "Set memory limit for the build container. Not supported by BuildKit.", typeName: "bytes"),
      .bool("no-cache", "Do not use cache when building the image"),
      .string("progress", "").hidden, .bool("pull", "Always attempt to pull a newer version of the image"),
      .bool("push", "Push service images"), .bool("quiet|q", "Suppress the build output"),
      .string("provenance", "").hidden, .string("sbom", "").hidden,
      .list(
        "ssh", "Lend an SSH agent to builds. (use 'default' for using your default SSH Agent)",
        typeName: "string"),
      .bool("with-dependencies", "Also build dependencies (transitively)"), .bool("parallel", "").hidden,
    ]
  ) { arguments, invocation in
    var project = try invocation.project(selecting: arguments.words)
    if !arguments.words.isEmpty, !arguments.bool("with-dependencies") {
      try project.select(arguments.words, with: .none)
    }
    let client = try await invocation.connect()
    var options = ImageSupply.BuildOptions()
    options.noCache = arguments.bool("no-cache")
    options.pull = arguments.bool("pull")
    options.quiet = arguments.bool("quiet")
    for word in arguments.list("build-arg") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      options.arguments.updateValue(
        parts.count > 1 ? parts[1] : project.environment[parts[0]], forKey: parts[0])
    }
    options.agents = try AgentSource.all(arguments.list("ssh")) { project.environment[$0] }
    if let memory = arguments.given("memory"), !memory.isEmpty { options.memory = try ByteSize.parse(memory) }
    let supply = ImageSupply(invocation: invocation, client: client, project: project)
    let services = project.services.values.filter { $0.build != nil }
    guard !services.isEmpty else {
      StandardStream.error.line("No services to build")
      return 0
    }
    if invocation.dryRun { return 0 }
    try await supply.build(Array(services), options)
    if arguments.bool("push") {
      let board = ProgressBoard(invocation, title: "Pushing")
      _ = try await mapAtOnce(services.filter { $0.image != nil }) {
        try await supply.push($0, quiet: false, board)
      }
    }
    return 0
  }

  private static let pull = Subcommand(
    "pull", "Pull service images", usage: "[SERVICE...]",
    flags: [
      .bool("ignore-buildable", "Ignore images that can be built"),
      .bool("ignore-pull-failures", "Pull what it can and ignores images with pull failures"),
      .bool("include-deps", "Also pull services declared as dependencies"),
      .string("policy", "Apply pull policy (\"missing\"|\"always\")"),
      .bool("quiet|q", "Pull without printing progress information"),
      .bool("parallel", "").hidden, .bool("no-parallel", "").hidden,
    ]
  ) { arguments, invocation in
    var project = try invocation.project(selecting: arguments.words)
    if !arguments.words.isEmpty, !arguments.bool("include-deps") {
      try project.select(arguments.words, with: .none)
    }
    let client = try await invocation.connect()
    let supply = ImageSupply(invocation: invocation, client: client, project: project)
    var services = project.services.values.filter { service in
      service.image != nil && !(service.build != nil && arguments.bool("ignore-buildable"))
        && service.text("pull_policy") != "never" && service.text("pull_policy") != "build"
    }
    if arguments.string("policy") == "missing" {
      let known = try await Observer(client: client).imageIDs(services.map(supply.name))
      services = services.filter { known[supply.name(of: $0)] == nil }
    }
    if invocation.dryRun { return 0 }
    let wanted = services.sorted { $0.name < $1.name }.map { service in
      supply.pulled(service, mayFail: arguments.bool("ignore-pull-failures") || service.build != nil)
    }
    try await supply.pull(wanted, quiet: arguments.bool("quiet"))
    return 0
  }

  private static let push = Subcommand(
    "push", "Push service images", usage: "[SERVICE...]",
    flags: [
      .bool("ignore-push-failures", "Push what it can and ignores images with push failures"),
      .bool("include-deps", "Also push images of services declared as dependencies"),
      .bool("quiet|q", "Push without printing progress information"),
    ]
  ) { arguments, invocation in
    var project = try invocation.project(selecting: arguments.words)
    if !arguments.words.isEmpty, !arguments.bool("include-deps") {
      try project.select(arguments.words, with: .none)
    }
    let client = try await invocation.connect()
    let supply = ImageSupply(invocation: invocation, client: client, project: project)
    let board = ProgressBoard(invocation, title: "Pushing")
    let services = project.services.values.filter { $0.build != nil && $0.image != nil }
    for service in project.services.values where service.build == nil || service.image == nil {
      await board.warning(service.name, "Skipped")
    }
    _ = try await mapAtOnce(Array(services)) { service in
      do { try await supply.push(service, quiet: arguments.bool("quiet"), board) } catch {
        guard arguments.bool("ignore-push-failures") else { throw error }
      }
    }
    return 0
  }
}
