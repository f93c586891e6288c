import Credentials
import DockerAPI
import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff ps`
enum ListContainersCommand {
  static let entry = CommandEntry("ls", aliases: ["ps", "list"], "List containers") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "List containers", words: .none,
      flags: [
        .bool("all|a", "Show all containers (default shows just running)"), CommonFlags.filter,
        CommonFlags.formatTable,
        .int("last|n", "Show n last created containers (includes all states)", default: -1),
        .bool("latest|l", "Show the latest created container (includes all states)"),
        CommonFlags.noTruncation,
        .bool("quiet|q", "Only display container IDs"), .bool("size|s", "Display total file sizes"),
      ], aliases: aliases("container ls", "container list", "container ps", "ps"))
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let isQuiet = arguments.bool("quiet")
    var format = arguments.string("format")
    if format.isEmpty {
      format = session.config().text("psFormat")
    } else if isQuiet {
      StandardStream.error.line("WARNING: Ignoring custom format, because both --format and --quiet are set.")
    }
    let mentionsSize = try checked(format)
    if isQuiet, format != "raw" { format = "" }
    let client = try await session.engine()
    let last = arguments.isSet("last") ? arguments.int("last") : -1
    let limit = last > 0 ? last : arguments.bool("latest") ? 1 : nil
    let wantsSize = arguments.isSet("size") || isQuiet ? arguments.bool("size") : mentionsSize
    let containers = try await client.containers(
      all: arguments.bool("all") || limit != nil, limit: limit, size: wantsSize,
      filters: CommonFlags.filters(arguments.list("filter")), notes: NoteLines.areWanted)
    let truncates = !arguments.bool("no-trunc")
    let rows = containers.map { ContainerRow.record($0, truncates: truncates) }
    StandardStream.output.write(
      try ContainerRow.listing(withSize: arguments.bool("size")).text(format, isQuiet: isQuiet, rows))
    if format.isEmpty, !isQuiet { NoteLines.tell(of: containers) }
    return 0
  }

  /// Tries a format before the engine is asked, as docker does; whether it needs the sizes, which cost time.
  private static func checked(_ format: String) throws -> Bool {
    guard !["", "table", "raw"].contains(format) else { return false }
    let template = try Listing.parse(
      Listing.unescape(format == "json" ? "{{json .}}" : format), complaint: "failed to parse template")
    do {
      _ = try template.render(.record(ContainerRow.record(ContainerSummary(), truncates: true)))
    } catch {
      throw CommandFailure("failed to execute template: \(error)")
    }
    return template.mentions("Size")
  }
}

extension TemplateRecord {
  /// A field's text.
  subscript(_ name: String) -> String { fields.first { $0.name == name }?.value.string ?? "" }

  /// A row of texts; `typeName` is what docker calls its type.
  static func row(
    _ fields: [(String, String)], _ typeName: String, labels: [String: String]? = nil
  ) -> TemplateRecord {
    TemplateRecord(
      fields.map { ($0.0, .string($0.1)) }, methods: labels.map(labelMethod) ?? [:], typeName: typeName)
  }
}

/// A line of `ps`.
enum ContainerRow {
  static func listing(withSize: Bool) -> Listing {
    Listing(
      columns: [
        ("Command", "COMMAND"), ("CreatedAt", "CREATED AT"), ("ID", "CONTAINER ID"), ("Image", "IMAGE"),
        ("Labels", "LABELS"),
        ("LocalVolumes", "LOCAL VOLUMES"), ("Mounts", "MOUNTS"), ("Names", "NAMES"), ("Networks", "NETWORKS"),
        ("Platform", "PLATFORM"),
        ("Ports", "PORTS"), ("RunningFor", "CREATED"), ("Size", "SIZE"), ("State", "STATE"),
        ("Status", "STATUS"),
      ],
      standard: ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"]
        + (withSize ? ["Size"] : []),
      raw: [
        ("container_id", "ID"), ("image", "Image"), ("command", "Command"), ("created_at", "CreatedAt"),
        ("state", "State"), ("status", "Status"), ("names", "Names"), ("labels", "Labels"),
        ("ports", "Ports"),
      ] + (withSize ? [("size", "Size")] : []), quiet: ("container_id", "ID"))
  }

  static func record(_ container: ContainerSummary, truncates: Bool) -> TemplateRecord {
    let created = Timestamp(seconds: container.created)
    let names = container.names.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }.filter {
      !truncates || !$0.utf8.contains(UInt8(ascii: "/"))
    }
    let mounts = container.mounts.map { mount in
      let name = mount.name ?? ""
      return truncates
        ? Ellipsis.shorten(name.isEmpty ? mount.source : name, to: 15) : name.isEmpty ? mount.source : name
    }
    let command = GoQuote.text(truncates ? Ellipsis.shorten(container.command, to: 20) : container.command)
    let fields: [(String, String)] = [
      ("Command", command), ("CreatedAt", LocalTime(created).goText),
      ("ID", truncates ? shortened(container.id) : container.id), ("Image", image(container, truncates)),
      ("Labels", joined(container.labels)),
      ("LocalVolumes", "\(container.mounts.filter { $0.driver == "local" }.count)"),
      ("Mounts", mounts.joined(separator: ",")),
      ("Names", names.joined(separator: ",")),
      ("Networks", container.networkSettings.networks.keys.sorted().joined(separator: ",")),
      ("Platform", ""), ("Ports", PortList.text(container.ports)),
      ("RunningFor", HumanDuration.since(created, now: now())),
      ("Size", size(container)), ("State", container.state), ("Status", container.status),
    ]
    return .row(fields, "*formatter.ContainerContext", labels: container.labels)
  }

  private static func image(_ container: ContainerSummary, _ truncates: Bool) -> String {
    if container.image.isEmpty { return "<no image>" }
    guard truncates else { return container.image }
    if container.image.hasPrefix("sha256:") || container.image == container.imageID {
      return shortened(container.image)
    }
    return String(container.image.prefix { $0 != "@" })
  }

  private static func size(_ container: ContainerSummary) -> String {
    let written = ByteSize.decimal(Double(container.sizeRw ?? 0), digits: 3)
    guard let whole = container.sizeRootFs, whole > 0 else { return written }
    return "\(written) (virtual \(ByteSize.decimal(Double(whole), digits: 3)))"
  }
}
