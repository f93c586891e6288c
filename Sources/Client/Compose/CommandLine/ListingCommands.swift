import ComposeModel
import DockerAPI
import DockerClient
import Flags
import ImageNames
import JSON
import Linux
import Reactor
import TerminalUI
import TextFormats

/// `images`, `port`, `top`, `ls`, `volumes`.
enum ListingCommands {
  static let entries: [Subcommand] = [images, port, top, list, volumes]

  /// Columns as wide as docker compose's own tables: at least twenty.
  static func wide(_ rows: [String]) -> String {
    let cells = rows.map {
      $0.split(separator: "\t" as Character, omittingEmptySubsequences: false).map(String.init)
    }
    var widths: [Int] = []
    for row in cells {
      for (column, cell) in row.dropLast().enumerated() {
        if column == widths.count { widths.append(20) }
        widths[column] = max(widths[column], cell.count + 3)
      }
    }
    return cells.map { row in
      row.enumerated().map { column, cell in
        column < row.count - 1 ? cell + String(repeating: " ", count: widths[column] - cell.count) : cell
      }.joined() + "\n"
    }.joined()
  }

  /// How long ago a moment was; `N/A` for what is none.
  private static func age(_ moment: String) -> String {
    Timestamp(rfc3339: moment).map {
      HumanDuration.since($0, now: Timestamp(nanoseconds: Clock.realtime))
    } ?? "N/A"
  }

  /// Docker compose's complaint about a `--format` that it does not have.
  private static func checkFormat(_ arguments: Arguments) throws {
    let format = arguments.string("format")
    guard ["", "table", "pretty", "json"].contains(format.lowercased()) else {
      throw ComposeFailure("format value \(GoQuote.text(format)) could not be parsed: parsing failed")
    }
  }

  private static let images = Subcommand(
    "images", "List images used by the created containers", usage: "[SERVICE...]",
    flags: [
      .string("format", "Format the output. Values: [table | json]", default: "table"),
      .bool("quiet|q", "Only display IDs"),
    ]
  ) { arguments, invocation in
    try checkFormat(arguments)
    let (_, name) = try invocation.projectOrName()
    let client = try await invocation.connect()
    let containers = try await invocation.containers(of: arguments.words, client, project: name)
    let known = try await mapAtOnce(containers) { try await client.inspectImage($0.summary.imageID) }
    if arguments.bool("quiet") {
      var seen: Set<String> = []
      for image in known where seen.insert(image.id).inserted {
        StandardStream.output.line(String(image.id.split(separator: ":").last ?? ""))
      }
      return 0
    }
    var rows: [String] = []
    var objects: [JSONValue] = []
    for (container, image) in zip(containers, known) {
      // An image without a readable name is shown without one.
      let reference = try? ImageReference.parse(image.repoTags.first ?? container.summary.image)
      let id = String(image.id.split(separator: ":").last ?? "")
      let tagged = image.metadata.lastTagTime.isEmpty ? image.created : image.metadata.lastTagTime
      let (repository, tag) = (reference?.familiarName ?? "<none>", reference?.tag ?? "<none>")
      rows.append(
        [
          container.name, repository, tag,
          image.architecture.isEmpty ? "" : "\(image.os)/\(image.architecture)",
          String(id.prefix(12)), ByteSize.decimal(Double(image.size), digits: 3), age(tagged),
        ].joined(separator: "\t"))
      objects.append([
        "ID": .string(image.id), "ContainerName": .string(container.name), "Repository": .string(repository),
        "Tag": .string(tag), "Platform": .string("\(image.os)/\(image.architecture)"),
        "Size": .integer(image.size), "LastTagTime": .string(tagged),
      ])
    }
    if arguments.string("format") == "json" {
      StandardStream.output.line(
        String(decoding: JSON.encode(JSONValue.array(objects), as: .docker), as: UTF8.self))
    } else {
      StandardStream.output.write(
        wide(["CONTAINER\tREPOSITORY\tTAG\tPLATFORM\tIMAGE ID\tSIZE\tCREATED"] + rows))
    }
    return 0
  }

  private static let port = Subcommand(
    "port", "Print the public port for a port binding", usage: "SERVICE PRIVATE_PORT", words: .exactly(2),
    flags: [SharedFlags.index, .string("protocol", "tcp or udp", default: "tcp")]
  ) { arguments, invocation in
    guard let number = UInt16(arguments.words[1]) else {
      throw ComposeFailure("strconv.ParseUint: parsing \"\(arguments.words[1])\": invalid syntax")
    }
    let (_, name) = try invocation.projectOrName(selecting: [arguments.words[0]])
    let client = try await invocation.connect()
    let container = try await invocation.container(
      of: arguments.words[0], index: arguments.int("index"), client, project: name)
    let wanted = arguments.string("protocol").lowercased()
    guard
      let found = container.summary.ports.first(where: {
        $0.privatePort == number && $0.type == wanted && $0.publicPort != nil
      })
    else {
      throw ComposeFailure(
        "no port \(number)/\(wanted) for container \(container.name): \(published(container.summary.ports))"
      )
    }
    let address = found.ip ?? "0.0.0.0"
    StandardStream.output.line("\(address.contains(":") ? "[\(address)]" : address):\(found.publicPort ?? 0)")
    return 0
  }

  private static func published(_ ports: [Port]) -> String {
    ports.map { "\($0.publicPort ?? 0)/\($0.type)" }.joined(separator: ", ")
  }

  private static let top = Subcommand(
    "top", "Display the running processes", usage: "[SERVICES...]", flags: []
  ) {
    arguments, invocation in
    let (_, name) = try invocation.projectOrName(selecting: arguments.words)
    let client = try await invocation.connect()
    let containers = try await invocation.containers(of: arguments.words, client, project: name, all: false)
    let tops = try await mapAtOnce(containers) { try await client.top($0.id) }
    var header: [String] = []
    var rows: [String] = []
    for (container, top) in zip(containers, tops) {
      if header.isEmpty { header = ["SERVICE", "#"] + top.titles }
      for process in top.processes {
        rows.append(([container.service, "\(container.number)"] + process).joined(separator: "\t"))
      }
    }
    if !rows.isEmpty { StandardStream.output.write(compact([header.joined(separator: "\t")] + rows)) }
    return 0
  }

  /// Columns as wide as docker compose's `top` has them: at least four.
  private static func compact(_ rows: [String]) -> String {
    let cells = rows.map {
      $0.split(separator: "\t" as Character, omittingEmptySubsequences: false).map(String.init)
    }
    var widths: [Int] = []
    for row in cells {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(4) }
        widths[column] = max(widths[column], cell.count + 2)
      }
    }
    return cells.map { row in
      row.enumerated().map { column, cell in
        column < row.count - 1 ? cell + String(repeating: " ", count: widths[column] - cell.count) : cell
      }.joined() + "\n"
    }.joined()
  }

  private static let list = Subcommand(
    "ls", "List running compose projects", usage: "", words: .none,
    flags: [
      .bool("all|a", "Show all stopped Compose projects"),
      .list(
        "filter", "Filter output based on conditions provided", typeName: "filter",
        check: { $0.contains("=") ? nil : "bad format of filter (expected name=value)" }),
      .string("format", "Format the output. Values: [table | json]", default: "table"),
      .bool("quiet|q", "Only display project names"),
    ]
  ) { arguments, invocation in
    try checkFormat(arguments)
    if let other = arguments.list("filter").first(where: { !$0.hasPrefix("name=") }) {
      throw ComposeFailure("invalid filter '\(other.prefix { $0 != "=" })'")
    }
    let client = try await invocation.connect()
    let found = try await client.containers(
      all: arguments.bool("all"), filters: Filters(["label": [Label.project]]))
    let projects = Dictionary(grouping: found.map(ObservedContainer.init)) { $0.labels[Label.project] ?? "" }
    let wanted = arguments.list("filter").compactMap { $0.hasPrefix("name=") ? String($0.dropFirst(5)) : nil }
    let names = projects.keys.sorted().filter { name in
      wanted.isEmpty || wanted.contains { name.contains($0) }
    }
    if arguments.bool("quiet") {
      for name in names { StandardStream.output.line(name) }
      return 0
    }
    let entries = names.map { name -> (String, String, String) in
      let containers = projects[name] ?? []
      let states = Dictionary(grouping: containers, by: \.state).sorted { $0.key < $1.key }
      let status = states.map { "\($0.key)(\($0.value.count))" }.joined(separator: ", ")
      var files: [String] = []
      for file in containers.flatMap({
        ($0.labels[Label.configFiles] ?? "").split(separator: ",").map(String.init)
      })
      where !files.contains(file) { files.append(file) }
      return (name, status, files.joined(separator: ","))
    }
    if arguments.string("format") == "json" {
      let objects = entries.map { entry -> JSONValue in
        ["Name": .string(entry.0), "Status": .string(entry.1), "ConfigFiles": .string(entry.2)]
      }
      StandardStream.output.line(
        String(decoding: JSON.encode(JSONValue.array(objects), as: .docker), as: UTF8.self))
    } else {
      let rows = entries.map { [$0.0, $0.1, $0.2].joined(separator: "\t") }
      StandardStream.output.write(wide(["NAME\tSTATUS\tCONFIG FILES"] + rows))
    }
    return 0
  }

  private static let volumes = Subcommand(
    "volumes", "List volumes", usage: "[SERVICE...]",
    flags: [
      .string("format", "Format output using a custom template: 'table' or 'json'", default: "table"),
      .bool("quiet|q", "Only display volume names"),
    ]
  ) { arguments, invocation in
    let (_, name) = try invocation.projectOrName(selecting: arguments.words)
    let client = try await invocation.connect()
    var volumes = try await client.volumes(filters: Filters(["label": ["\(Label.project)=\(name)"]])).volumes
    if !arguments.words.isEmpty {
      let containers = try await invocation.containers(of: arguments.words, client, project: name)
      let used = Set(containers.flatMap { $0.mounts.compactMap(\.name) })
      volumes = volumes.filter { used.contains($0.name) }
    }
    if arguments.bool("quiet") {
      for volume in volumes { StandardStream.output.line(volume.name) }
      return 0
    }
    switch arguments.string("format") {
    case "", "table":
      StandardStream.output.write(
        Table.layOut(["DRIVER\tVOLUME NAME"] + volumes.map { "\($0.driver)\t\($0.name)" }))
    case "json":
      for volume in volumes {
        StandardStream.output.line(
          String(decoding: JSON.encode(object(of: volume), as: .docker), as: UTF8.self))
      }
    case let format:
      let template = try GoTemplate(format.hasPrefix("table ") ? String(format.dropFirst(6)) : format)
      for volume in volumes { StandardStream.output.line(try template.render(object(of: volume))) }
    }
    return 0
  }

  /// As `docker volume ls` tells it.
  private static func object(of volume: Volume) -> JSONValue {
    let labels = (volume.labels ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
    return [
      "Availability": "N/A", "Driver": .string(volume.driver), "Group": "N/A",
      "Labels": .string(labels.joined(separator: ",")), "Links": "N/A",
      "Mountpoint": .string(volume.mountpoint), "Name": .string(volume.name),
      "Scope": .string(volume.scope), "Size": "N/A", "Status": "N/A",
    ]
  }
}
