import ComposeModel
import DockerAPI
import DockerClient
import Flags
import JSON
import Linux
import Reactor
import TerminalUI
import TextFormats

/// `logs`, `events`: what containers say and what happens to them.
enum StreamCommands {
  static let entries: [Subcommand] = [logs, events]

  private static let logs = Subcommand(
    "logs", "View output from containers", usage: "[SERVICE...]",
    flags: [
      .bool("follow|f", "Follow log output"), SharedFlags.index,
      .bool("no-color", "Produce monochrome output"),
      .bool("no-log-prefix", "Don't print prefix in logs"),
      .string(
        "since", "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)"
      ),
      .string(
        "tail|n", "Number of lines to show from the end of the logs for each container", default: "all"),
      .bool("timestamps|t", "Show timestamps"),
      .string(
        "until",
        "Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)"),
    ]
  ) { arguments, invocation in
    guard arguments.int("index") <= 0 || arguments.words.count == 1 else {
      throw ComposeFailure("--index requires one service to be selected")
    }
    let (project, name) = try invocation.projectOrName()
    let client = try await invocation.connect()
    var containers = try await invocation.containers(of: arguments.words, client, project: name)
    try invocation.checkServices(arguments.words, project, containers)
    if let project, arguments.words.isEmpty {
      containers = containers.filter { project.services[$0.service]?["attach"]?.bool != false }
    }
    let index = arguments.int("index")
    if index > 0 {
      containers = containers.filter { $0.number == index }
      guard !containers.isEmpty else {
        throw ComposeFailure("service \"\(arguments.words[0])\" is not running container #\(index)")
      }
    }
    let coloured =
      !arguments.bool("no-color") && invocation.ansi != "never"
      && (invocation.ansi == "always" || Colour.suit(.output))
    let printer = LogPrinter(coloured: coloured, prefixed: !arguments.bool("no-log-prefix"), merges: true)
    printer.register(containers.map(\.shortName))
    let reading = LogReading(client: client, printer: printer, options: try options(arguments))
    if !arguments.bool("no-log-prefix") { try await reading.reserve(containers) }
    guard arguments.bool("follow") else {
      for container in containers { try await reading.read(container.id, container.shortName) }
      return 0
    }
    return try await follow(reading, containers, name, arguments.words)
  }

  private static func options(_ arguments: Arguments) throws -> LogOptions {
    var options = LogOptions()
    options.follow = arguments.bool("follow")
    options.timestamps = arguments.bool("timestamps")
    options.since = try moment("since", arguments)
    options.until = try moment("until", arguments)
    options.tail = arguments.string("tail")
    return options
  }

  private static func moment(_ flag: String, _ arguments: Arguments) throws -> String {
    do { return try Moments.query(arguments.string(flag)) } catch {
      throw ComposeFailure("invalid value for \"\(flag)\": \(error)")
    }
  }

  /// Reads on as containers come and go, until none runs or the user interrupts.
  private static func follow(
    _ reading: LogReading, _ containers: [ObservedContainer], _ project: String, _ services: [String]
  ) async throws -> Int32 {
    let signals = Signals.stream([Signal.interrupt.rawValue, Signal.terminate.rawValue])
    let filters = Filters([
      "type": ["container"], "event": ["start"], "label": ["\(Label.project)=\(project)"],
    ])
    let events = try await reading.client.events(filters: filters)
    return try await withThrowingTaskGroup(of: Int32?.self) { group in
      group.addTask {
        for await _ in signals { return 130 }
        return nil
      }
      var readers = 0
      for container in containers {
        readers += 1
        group.addTask {
          try await reading.read(container.id, container.shortName)
          return -1
        }
      }
      group.addTask {
        let known = Set(containers.map(\.id))
        try await withThrowingTaskGroup(of: Void.self) { inner in
          for try await event in events {
            let service = event.actor.attributes[Label.service] ?? ""
            guard services.isEmpty || services.contains(service), !known.contains(event.actor.id) else {
              continue
            }
            let name = ContainerName.short(
              event.actor.attributes["name"] ?? service, event.actor.attributes)
            reading.printer.register([name])
            let id = event.actor.id
            inner.addTask { try await reading.read(id, name) }
          }
        }
        return nil
      }
      while let code = try await group.next() {
        if code == -1 { readers -= 1 }
        if code == 130 || (code == -1 && readers == 0) {
          group.cancelAll()
          return code == 130 ? 130 : 0
        }
      }
      return 0
    }
  }

  private static let events = Subcommand(
    "events", "Receive real time events from containers", usage: "[SERVICE...]",
    flags: [
      .bool("json", "Output events as a stream of json objects"),
      .string("since", "Show all events created since timestamp"),
      .string("until", "Stream events until this timestamp"),
    ]
  ) { arguments, invocation in
    let (_, name) = try invocation.projectOrName(selecting: arguments.words)
    let client = try await invocation.connect()
    let filters = Filters(["type": ["container"], "label": ["\(Label.project)=\(name)"]])
    let events = try await client.events(
      since: try Moments.query(arguments.string("since")),
      until: try Moments.query(arguments.string("until")),
      filters: filters)
    for try await event in events {
      guard event.actor.attributes[Label.oneOff] != "True" else { continue }
      let service = event.actor.attributes[Label.service] ?? ""
      guard arguments.words.isEmpty || arguments.words.contains(service) else { continue }
      let own = event.actor.attributes.filter { !$0.key.hasPrefix("com.docker.compose.") }.sorted {
        $0.key < $1.key
      }
      let time = Timestamp(nanoseconds: event.timeNano == 0 ? event.time * 1_000_000_000 : event.timeNano)
      if arguments.bool("json") {
        let value: JSONValue = [
          "action": .string(event.action),
          "attributes": .object(JSONObject(own.map { ($0.key, .string($0.value)) })),
          "id": .string(event.actor.id), "service": .string(service), "time": .string(time.rfc3339),
          "type": "container",
        ]
        StandardStream.output.line(String(decoding: JSON.encode(value, as: .docker), as: UTF8.self))
      } else {
        let attributes = own.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        let local = LocalTime(time)
        StandardStream.output.line(
          "\(local.date) \(local.time) container \(event.action) \(event.actor.id) (\(attributes))")
      }
    }
    return 0
  }
}

/// Reads the logs of single containers to one printer.
struct LogReading: Sendable {
  let client: DockerClient
  let printer: LogPrinter
  let options: LogOptions

  /// Makes room for the names of those containers that have something to show.
  func reserve(_ containers: [ObservedContainer]) async throws {
    guard containers.count > 1 else { return }
    var look = options
    look.follow = false
    if Int(look.tail).map({ $0 < 0 }) ?? true { look.tail = "1" }
    let options = look
    let speak = try await mapAtOnce(containers) { container in
      for try await piece in try await pieces(of: container.id, options)
      where !piece.bytes.isEmpty { return true }
      return false
    }
    printer.reserve(zip(containers, speak).filter(\.1).map(\.0.shortName))
  }

  func read(_ id: String, _ name: String) async throws {
    for try await piece in try await pieces(of: id, options) {
      printer.take(piece.bytes, of: name, piece.stream == .stdout ? .output : .error)
    }
    printer.finish(name)
  }

  private func pieces(of id: String, _ options: LogOptions) async throws -> OutputSequence {
    var options = options
    options.tty = try await client.inspectContainer(id).config.tty
    return try await client.containerLogs(id, options)
  }
}
