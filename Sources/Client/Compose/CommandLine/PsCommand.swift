import ComposeModel
import DockerAPI
import DockerClient
import Flags
import ImageNames
import JSON
import Linux
import TerminalUI
import TextFormats

/// `ps`: the containers of a project.
enum PsCommand {
  static let entry = Subcommand(
    "ps", "List containers", usage: "[SERVICE...]",
    flags: [
      .bool("all|a", "Show all stopped containers (including those created by the run command)"),
      .string("filter", "Filter services by a property (supported filters: status)"),
      .string(
        "format", "Format output using a custom template: 'table', 'json' or a Go template", default: "table"),
      .bool("no-trunc", "Don't truncate output"),
      .bool("orphans", "Include orphaned services (not declared by project)", default: true),
      .bool("quiet|q", "Only display IDs"), .bool("services", "Display services"),
      .list(
        "status",
        "Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]",
        typeName: "stringArray"),
    ]
  ) { arguments, invocation in
    var statuses = arguments.list("status")
    if let filter = arguments.given("filter"), !filter.isEmpty {
      let parts = filter.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw ComposeFailure("arguments to --filter should be in form KEY=VAL") }
      guard parts[0] == "status" else { throw ComposeFailure("unknown filter \(parts[0])") }
      statuses.append(parts[1])
    }
    let (project, name) = try invocation.projectOrName(selecting: arguments.words)
    let client = try await invocation.connect()
    let all = arguments.bool("all") || !statuses.isEmpty
    var containers = try await invocation.containers(
      of: arguments.words, client, project: name, all: all, oneOff: arguments.bool("all"))
    for word in arguments.words
    where project?.services[word] == nil && !containers.contains(where: { $0.service == word }) {
      throw ComposeFailure("no such service: \(word)")
    }
    if let project, !arguments.bool("orphans") {
      containers = containers.filter { project.services[$0.service] != nil }
    }
    if !statuses.isEmpty { containers = containers.filter { statuses.contains($0.state) } }
    containers.sort { $0.name < $1.name }
    if arguments.bool("quiet") {
      for container in containers { StandardStream.output.line(container.id) }
    } else if arguments.bool("services") {
      var seen: Set<String> = []
      for container in containers where seen.insert(container.service).inserted {
        StandardStream.output.line(container.service)
      }
    } else {
      try ContainerListing(containers: containers, short: !arguments.bool("no-trunc"))
        .write(arguments.string("format"), moreColumns: all)
      if arguments.given("format") == nil { try await tellNotes(Set(containers.map(\.id)), all, client) }
    }
    return 0
  }
}

/// What the engine notes of them, for people at a terminal only.
private func tellNotes(_ ids: Set<String>, _ all: Bool, _ client: DockerClient) async throws {
  guard StandardStream.error.isTerminal, StandardStream.output.isTerminal, !ids.isEmpty else { return }
  let noted = try await client.containers(all: all, notes: true).filter { ids.contains($0.id) }
  for line in noted.flatMap({ $0.noteLines() }).prefix(5) { StandardStream.error.line(line) }
}

/// Containers as `ps` shows them.
private struct ContainerListing {
  let containers: [ObservedContainer]
  let short: Bool

  func write(_ format: String, moreColumns: Bool) throws {
    switch format {
    case "json":
      for container in containers {
        StandardStream.output.line(
          String(decoding: JSON.encode(JSONValue.object(object(container)), as: .docker), as: UTF8.self))
      }
    case "", "table", "pretty":
      let header = "NAME\tIMAGE\tCOMMAND\tSERVICE\tCREATED\tSTATUS\tPORTS"
      StandardStream.output.write(Table.layOut([header] + containers.map(row)))
    default:
      let template = try GoTemplate(format.hasPrefix("table ") ? String(format.dropFirst(6)) : format)
      for container in containers {
        StandardStream.output.line(try template.render(JSONValue.object(object(container))))
      }
    }
  }

  private func row(_ container: ObservedContainer) -> String {
    let summary = container.summary
    let command = GoQuote.text(short ? Ellipsis.shorten(summary.command, to: 20) : summary.command)
    return [
      container.name, summary.image, command, container.service, age(summary.created), summary.status,
      PortText.of(summary.ports),
    ].joined(separator: "\t")
  }

  private func age(_ created: Int64) -> String {
    HumanDuration.text(seconds: Clock.realtime / 1_000_000_000 - created) + " ago"
  }

  private func object(_ container: ObservedContainer) -> JSONObject {
    let summary = container.summary
    let publishers = summary.ports.map { port -> JSONValue in
      [
        "URL": .string(port.ip ?? ""), "TargetPort": .integer(Int64(port.privatePort)),
        "PublishedPort": .integer(Int64(port.publicPort ?? 0)), "Protocol": .string(port.type),
      ]
    }
    let status = summary.status
    let health =
      status.contains("(healthy)")
      ? "healthy"
      : status.contains("(unhealthy)")
        ? "unhealthy"
        : status.contains("(health: starting)") ? "starting" : ""
    let code = status.split(separator: "(").dropFirst().first.flatMap { Int64($0.prefix { $0 != ")" }) } ?? 0
    return [
      "Command": .string(GoQuote.text(summary.command)),
      "CreatedAt": .string(LocalTime(Timestamp(seconds: summary.created)).goText),
      "ExitCode": .integer(status.hasPrefix("Exited") ? code : 0), "Health": .string(health),
      "ID": .string(short ? String(container.id.prefix(12)) : container.id),
      "Image": .string(summary.image),
      "Labels": .string(
        container.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")),
      "LocalVolumes": .string("\(container.mounts.filter { $0.type == "volume" }.count)"),
      "Mounts": .string(container.mounts.map { $0.name ?? $0.source }.joined(separator: ",")),
      "Name": .string(container.name), "Names": .string(container.name),
      "Networks": .string(container.networks.keys.sorted().joined(separator: ",")),
      "Ports": .string(PortText.of(summary.ports)), "Project": .string(container.labels[Label.project] ?? ""),
      "Publishers": .array(publishers), "RunningFor": .string(age(summary.created)),
      "Service": .string(container.service),
      "Size": "0B", "State": .string(container.state), "Status": .string(status),
    ]
  }
}

/// Ports as docker lists them.
enum PortText {
  static func of(_ ports: [Port]) -> String {
    let texts = ports.sorted { ($0.privatePort, $0.ip ?? "") < ($1.privatePort, $1.ip ?? "") }.map {
      port -> String in
      guard let published = port.publicPort, let address = port.ip else {
        return "\(port.privatePort)/\(port.type)"
      }
      let host = address.contains(":") ? "[\(address)]" : address
      return "\(host):\(published)->\(port.privatePort)/\(port.type)"
    }
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }.joined(separator: ", ")
  }
}
