import ComposeModel
import DockerAPI
import DockerClient
import Flags
import Linux
import Reactor
import TerminalUI

/// `start`, `stop`, `restart`, `kill`, `rm`, `pause`, `unpause`, `scale`, `wait`.
enum LifecycleCommands {
  static let entries: [Subcommand] = [start, stop, restart, kill, remove, pause, unpause, scale, wait]

  /// The containers of the services named on a command line, and what they are of.
  private struct Scene: Sendable {
    let project: Project?
    let name: String
    let client: DockerClient
    let containers: [ObservedContainer]
    let board: ProgressBoard
    var teardown: Teardown

    init(
      _ arguments: Arguments, _ invocation: Invocation, all: Bool = true, title: String = "Running"
    ) async throws {
      (project, name) = try invocation.projectOrName()
      client = try await invocation.connect()
      let everything = try await Observer(client: client).containers(of: name, all: all)
      try invocation.checkServices(arguments.words, project, everything)
      let project = project
      containers = everything.filter { container in
        guard !container.isOneOff else { return false }
        if !arguments.words.isEmpty { return arguments.words.contains(container.service) }
        return project == nil || project?.services[container.service] != nil
      }
      board = ProgressBoard(invocation, title: title)
      teardown = Teardown(invocation: invocation, client: client, project: project, board: board)
      teardown.timeout = SharedFlags.timeout(arguments)
    }

    func runHooks(_ key: String, in container: ObservedContainer) async throws {
      guard let service = project?.services[container.service] else { return }
      try await Hooks(client: client).run(key, of: service, in: container.id)
    }

    func each(_ body: @escaping @Sendable (ObservedContainer) async throws -> Void) async throws {
      _ = try await mapAtOnce(containers, body)
    }
  }

  private static let start = Subcommand(
    "start", "Start services", usage: "[SERVICE...]",
    flags: [
      .bool("wait", "Wait for services to be running|healthy. Implies detached mode."),
      .int("wait-timeout", "Maximum duration in seconds to wait for the project to be running|healthy"),
    ]
  ) { arguments, invocation in
    let scene = try await Scene(arguments, invocation)
    if let project = scene.project {
      for name in arguments.words.isEmpty ? project.serviceNames : arguments.words
      where !scene.containers.contains(where: { $0.service == name }) {
        guard project.services[name]?.scale != 0 else { continue }
        throw ComposeFailure("service \"\(name)\" has no container to start")
      }
    }
    var graph: [String: Set<String>] = [:]
    for container in scene.containers {
      let wanted = Teardown.dependencies(of: container)
      graph[container.name] = Set(scene.containers.filter { wanted.contains($0.service) }.map(\.name))
    }
    try await runInOrder(graph, limit: invocation.parallel) { name in
      guard let container = scene.containers.first(where: { $0.name == name }), !container.isRunning else {
        return
      }
      try await scene.board.during("Container \(name)", "Starting", "Started") {
        if invocation.dryRun { return }
        try await scene.client.startContainer(container.id)
        try await scene.runHooks("post_start", in: container)
      }
    }
    if arguments.bool("wait") {
      let waiter = Waiter(client: scene.client, board: scene.board)
      try await scene.each { try await waiter.waitUntilUp($0.id) }
    }
    return 0
  }

  private static let stop = Subcommand(
    "stop", "Stop services", usage: "[SERVICE...]", flags: [SharedFlags.timeout]
  ) { arguments, invocation in
    let scene = try await Scene(arguments, invocation, title: "Stopping")
    // Those that have stopped are told, too, as by docker compose.
    try await scene.teardown.inReverse(scene.containers) { try await scene.teardown.stop($0) }
    return 0
  }

  static let restart = Subcommand(
    "restart", "Restart service containers", usage: "[SERVICE...]",
    flags: [.bool("no-deps", "Don't restart dependent services"), SharedFlags.timeout]
  ) { arguments, invocation in
    let scene = try await Scene(arguments, invocation, title: "Restarting")
    var chosen = Set(scene.containers.map(\.service))
    var containers = scene.containers
    if !arguments.words.isEmpty, !arguments.bool("no-deps"), let project = scene.project {
      let dependents = project.services.values.filter { service in
        service.dependencies.contains { arguments.words.contains($0.key) && $0.value.restart }
      }.map(\.name)
      let more = try await invocation.containers(of: dependents, scene.client, project: scene.name)
      if !dependents.isEmpty { containers += more.filter { !chosen.contains($0.service) } }
      chosen.formUnion(dependents)
    }
    var graph: [String: Set<String>] = [:]
    for container in containers {
      let wanted = Teardown.dependencies(of: container)
      graph[container.name] = Set(containers.filter { wanted.contains($0.service) }.map(\.name))
    }
    let all = containers
    try await runInOrder(graph, limit: invocation.parallel) { name in
      guard let container = all.first(where: { $0.name == name }) else { return }
      try await scene.board.during("Container \(name)", "Restarting", "Started") {
        if invocation.dryRun { return }
        if container.isRunning { try await scene.runHooks("pre_stop", in: container) }
        try await scene.client.restartContainer(container.id, timeout: scene.teardown.timeout)
        try await scene.runHooks("post_start", in: container)
      }
    }
    return 0
  }

  private static let kill = Subcommand(
    "kill", "Force stop service containers", usage: "[SERVICE...]",
    flags: [
      .bool("remove-orphans", "Remove containers for services not defined in the Compose file"),
      .string("signal|s", "SIGNAL to send to the container", default: "SIGKILL"),
    ]
  ) { arguments, invocation in
    let scene = try await Scene(arguments, invocation, all: false, title: "Killing")
    if scene.containers.isEmpty { StandardStream.error.line("no container to kill") }
    try await scene.each { container in
      try await scene.board.during("Container \(container.name)", "Killing", "Killed") {
        if invocation.dryRun { return }
        try await scene.client.killContainer(container.id, signal: arguments.string("signal"))
      }
    }
    return 0
  }

  private static let remove = Subcommand(
    "rm", "Removes stopped service containers", usage: "[SERVICE...]",
    flags: [
      .bool("all|a", "Deprecated - no effect").hidden, .bool("force|f", "Don't ask to confirm removal"),
      .bool("stop|s", "Stop the containers, if required, before removing"),
      .bool("volumes|v", "Remove any anonymous volumes attached to containers"),
    ]
  ) { arguments, invocation in
    let scene = try await Scene(arguments, invocation, title: "Removing")
    var doomed = scene.containers
    if arguments.bool("stop") {
      let running = doomed.filter(\.isRunning)
      try await scene.teardown.inReverse(running) { try await scene.teardown.stop($0) }
    } else {
      doomed = doomed.filter { !$0.isRunning }
    }
    guard !doomed.isEmpty else {
      StandardStream.error.line("No stopped containers")
      return 0
    }
    let question = "Going to remove \(doomed.map(\.name).joined(separator: ", "))"
    if arguments.bool("force") {
      StandardStream.output.line(question)
    } else {
      let answer = Prompt.line("? \(question) (y/N) ") ?? ""
      guard ["y", "yes"].contains(answer.lowercased()) else { return 0 }
    }
    let volumes = arguments.bool("volumes")
    _ = try await mapAtOnce(doomed) { try await scene.teardown.remove($0, volumes: volumes) }
    return 0
  }

  private static let pause = Subcommand("pause", "Pause services", usage: "[SERVICE...]", flags: []) {
    arguments, invocation in
    let scene = try await Scene(arguments, invocation, all: false, title: "Pausing")
    try await scene.each { container in
      if !invocation.dryRun { try await scene.client.pauseContainer(container.id) }
      await scene.board.done("Container \(container.name)", "Paused")
    }
    return 0
  }

  private static let unpause = Subcommand("unpause", "Unpause services", usage: "[SERVICE...]", flags: []) {
    arguments, invocation in
    let scene = try await Scene(arguments, invocation)
    _ = try await mapAtOnce(scene.containers.filter { $0.state == "paused" }) { container in
      if !invocation.dryRun { try await scene.client.unpauseContainer(container.id) }
      await scene.board.done("Container \(container.name)", "Unpaused")
    }
    return 0
  }

  private static let scale = Subcommand(
    "scale", "Scale services", usage: "[SERVICE=REPLICAS...]", words: .atLeast(1),
    flags: [.bool("no-deps", "Don't start linked services")]
  ) { arguments, invocation in
    let scales = try arguments.words.map { word in
      let parts = word.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw ComposeFailure("invalid scale specifier: \(word)") }
      guard let count = Int(parts[1]) else {
        throw ComposeFailure("invalid scale specifier: can't parse replica value as int: \(word)")
      }
      return "--scale=\(parts[0])=\(count)"
    }
    let names = arguments.words.compactMap { $0.split(separator: "=").first.map(String.init) }
    let flags = ["--detach", "--no-recreate"] + (arguments.bool("no-deps") ? ["--no-deps"] : [])
    return try await UpCommand.entry.call(flags + scales + names, invocation)
  }

  private static let wait = Subcommand(
    "wait", "Block until containers of all (or specified) services stop.", usage: "SERVICE [SERVICE...]",
    words: .atLeast(1), flags: [.bool("down-project", "Drops project when the first container stops")]
  ) { arguments, invocation in
    let scene = try await Scene(arguments, invocation)
    guard !scene.containers.isEmpty else {
      throw ComposeFailure("no containers for project \"\(scene.name)\"")
    }
    let codes = try await mapAtOnce(scene.containers) { container in
      let code = try await scene.client.waitContainer(container.id).statusCode
      StandardStream.output.line("container \"\(container.id)\" exited with status code \(code)")
      return code
    }
    return Int32(truncatingIfNeeded: codes.first ?? 0)
  }
}
