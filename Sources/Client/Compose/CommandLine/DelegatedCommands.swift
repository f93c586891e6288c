import ComposeModel
import DockerClient
import Flags

/// Commands that do for a service's container what a command for single containers does.
enum DelegatedCommands {
  static let entries: [Subcommand] = [attach, commit, copy, export, stats]

  /// The name of the container of a service.
  private static func container(
    _ service: String, _ arguments: Arguments, _ invocation: Invocation
  ) async throws -> String {
    let (_, name) = try invocation.projectOrName()
    let client = try await invocation.connect()
    return try await invocation.container(
      of: service, index: arguments.int("index"), client, project: name
    ).name
  }

  private static let copy = Subcommand(
    "cp", "Copy files/folders between a service container and the local filesystem",
    usage: "SERVICE:SRC_PATH DEST_PATH|-", otherUsage: "SRC_PATH|- SERVICE:DEST_PATH", words: .exactly(2),
    flags: [
      .bool("all", "Include containers created by the run command").hidden,
      .bool("archive|a", "Archive mode (copy all uid/gid information)"),
      .bool("follow-link|L", "Always follow symbol link in SRC_PATH"), SharedFlags.index,
    ]
  ) { arguments, invocation in
    let (source, destination) = (parts(arguments.words[0]), parts(arguments.words[1]))
    let flags = ["archive", "follow-link"].filter(arguments.bool).map { "--\($0)" }
    switch (source.service, destination.service) {
    case (let service?, nil):
      let name = try await container(service, arguments, invocation)
      return try await copy("\(name):\(source.path)", arguments.words[1], of: name, flags, invocation)
    case (nil, let service?):
      return try await copyIn(arguments, invocation, service, destination.path, flags)
    case (_?, _?): throw ComposeFailure("copying between services is not supported")
    case (nil, nil): throw ComposeFailure("unknown copy direction")
    }
  }

  /// Into every container of the service, or into the one with the index asked for.
  private static func copyIn(
    _ arguments: Arguments, _ invocation: Invocation, _ service: String, _ path: String, _ flags: [String]
  ) async throws -> Int32 {
    let (_, name) = try invocation.projectOrName()
    let client = try await invocation.connect()
    let index = arguments.int("index")
    let all = try await invocation.containers(of: [service], client, project: name)
    let targets = all.filter { index == 0 || $0.number == index }
    guard !targets.isEmpty else { throw ComposeFailure("no container found for service \"\(service)\"") }
    var status: Int32 = 0
    for target in targets {
      let copied = try await copy(
        arguments.words[0], "\(target.name):\(path)", of: target.name, flags, invocation)
      status = max(status, copied)
    }
    return status
  }

  /// Copies between a container and this machine, and tells of it as docker compose does.
  private static func copy(
    _ source: String, _ destination: String, of container: String, _ flags: [String],
    _ invocation: Invocation
  ) async throws -> Int32 {
    let board = ProgressBoard(invocation, title: "Copying")
    let words = "copy \(source) to \(destination)"
    await board.tell(.init(container, text: words, status: "Copying", .working))
    if !invocation.dryRun {
      let status = try await invocation.call(["cp", "--quiet"] + flags + [source, destination])
      guard status == 0 else { return status }
    }
    await board.tell(.init(container, text: words, status: "Copied", .done))
    return 0
  }

  /// `service:path`, or a path of this machine.
  private static func parts(_ word: String) -> (service: String?, path: String) {
    guard !word.hasPrefix("/"), !word.hasPrefix("."), let mark = word.firstIndex(of: ":") else {
      return (nil, word)
    }
    return (String(word[..<mark]), String(word[word.index(after: mark)...]))
  }

  private static let attach = Subcommand(
    "attach", "Attach local standard input, output, and error streams to a service's running container",
    usage: "SERVICE", words: .exactly(1),
    flags: [
      .string("detach-keys", "Override the key sequence for detaching from a container."), SharedFlags.index,
      .bool("no-stdin", "Do not attach STDIN"),
      .bool("sig-proxy", "Proxy all received signals to the process", default: true),
    ]
  ) { arguments, invocation in
    let name = try await container(arguments.words[0], arguments, invocation)
    var words = ["attach", "--sig-proxy=\(arguments.bool("sig-proxy"))"]
    if arguments.bool("no-stdin") { words.append("--no-stdin") }
    if let keys = arguments.given("detach-keys") { words.append("--detach-keys=\(keys)") }
    return try await invocation.call(words + [name])
  }

  private static let export = Subcommand(
    "export", "Export a service container's filesystem as a tar archive", usage: "SERVICE",
    words: .exactly(1),
    flags: [SharedFlags.index, .string("output|o", "Write to a file, instead of STDOUT")]
  ) { arguments, invocation in
    let name = try await container(arguments.words[0], arguments, invocation)
    guard let file = arguments.given("output"), !file.isEmpty else {
      return try await invocation.call(["export", name])
    }
    let board = ProgressBoard(invocation, title: "Exporting")
    let words = "export \(name) to \(file)"
    await board.tell(.init(name, text: words, status: "Exporting", .working))
    if !invocation.dryRun {
      let status = try await invocation.call(["export", "--output", file, name])
      guard status == 0 else { return status }
    }
    await board.tell(.init(name, text: words, status: "Exported", .done))
    return 0
  }

  private static let commit = Subcommand(
    "commit", "Create a new image from a service container's changes", usage: "SERVICE [REPOSITORY[:TAG]]",
    words: .between(1, 2),
    flags: [
      .string("author|a", "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")"),
      .list("change|c", "Apply Dockerfile instruction to the created image"), SharedFlags.index,
      .string("message|m", "Commit message"),
      .bool("pause|p", "Pause container during commit", default: true),
    ]
  ) { arguments, invocation in
    let name = try await container(arguments.words[0], arguments, invocation)
    var words = ["commit", "--pause=\(arguments.bool("pause"))"]
    for (flag, value) in ["author", "message"].compactMap({ flag in arguments.given(flag).map { (flag, $0) } }
    ) {
      words.append("--\(flag)=\(value)")
    }
    words += arguments.list("change").map { "--change=\($0)" }
    return try await invocation.call(words + [name] + arguments.words.dropFirst())
  }

  private static let stats = Subcommand(
    "stats", "Display a live stream of container(s) resource usage statistics", usage: "[SERVICE]",
    words: .atMost(1),
    flags: [
      .bool("all|a", "Show all containers (default shows just running)"),
      .string("format", "Format output using a custom template"),
      .bool("no-stream", "Disable streaming stats and only pull the first result"),
      .bool("no-trunc", "Do not truncate output"),
    ]
  ) { arguments, invocation in
    let (_, name) = try invocation.projectOrName()
    let client = try await invocation.connect()
    let containers = try await invocation.containers(
      of: arguments.words, client, project: name, all: arguments.bool("all"))
    guard !containers.isEmpty else { return 0 }
    var words = ["stats"] + ["no-stream", "no-trunc"].filter(arguments.bool).map { "--\($0)" }
    if let format = arguments.given("format") { words.append("--format=\(format)") }
    return try await invocation.call(words + containers.map(\.name))
  }
}
