import Credentials
import DockerAPI
import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff volume ls`
enum ListVolumesCommand {
  static let entry = CommandEntry("ls", aliases: ["list"], "List volumes") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "List volumes", words: .none,
      flags: [
        CommonFlags.filter, CommonFlags.formatTable, .bool("quiet|q", "Only display volume names"),
        .bool("cluster", "").hidden,
      ],
      aliases: aliases("volume ls", "volume list"))
    return Command(syntax, run)
  }

  private static let listing = Listing(
    columns: [
      ("Availability", "AVAILABILITY"), ("Driver", "DRIVER"), ("Group", "GROUP"), ("Labels", "LABELS"),
      ("Links", "LINKS"),
      ("Mountpoint", "MOUNTPOINT"), ("Name", "VOLUME NAME"), ("Scope", "SCOPE"), ("Size", "SIZE"),
      ("Status", "STATUS"),
    ], standard: ["Driver", "Name"], raw: [("name", "Name"), ("driver", "Driver")], quiet: ("name", "Name"))

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    var format = arguments.string("format")
    if format.isEmpty, !arguments.bool("quiet") { format = session.config().text("volumesFormat") }
    let volumes = try await session.engine().volumes(filters: CommonFlags.filters(arguments.list("filter")))
      .volumes
    let rows = volumes.sorted { $0.name < $1.name }.map(VolumeRow.record)
    StandardStream.output.write(try listing.text(format, isQuiet: arguments.bool("quiet"), rows))
    return 0
  }
}

/// A line of `volume ls`.
enum VolumeRow {
  static func record(_ volume: Volume) -> TemplateRecord {
    let labels = volume.labels ?? [:]
    let usage = volume.usageData
    let fields: [(String, String)] = [
      ("Availability", "N/A"), ("Driver", volume.driver), ("Group", "N/A"), ("Labels", joined(labels)),
      ("Links", usage.map { "\($0.refCount)" } ?? "N/A"),
      ("Mountpoint", volume.mountpoint), ("Name", volume.name), ("Scope", volume.scope),
      ("Size", usage.map { ByteSize.decimal(Double($0.size)) } ?? "N/A"), ("Status", "N/A"),
    ]
    return .row(fields, "*formatter.volumeContext", labels: labels)
  }
}

/// `skiff volume create`
enum CreateVolumeCommand {
  static let entry = CommandEntry("create", "Create a volume") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] [VOLUME]", summary: "Create a volume", words: .atMost(1),
      flags: [
        Flag(
          "driver|d", .one, typeName: "string", "Specify volume driver name", standard: "local",
          shownDefault: "\"local\""),
        .list("label", "Set metadata for a volume", check: CommonFlags.complaintAboutLabel),
        .string("name", "Specify volume name").hidden,
        .list("opt|o", "Set driver specific options (default map[])", typeName: "map"),
      ])
    return Command(syntax) { arguments, session in
      if arguments.isSet("name"), !arguments.words.isEmpty {
        throw CommandFailure(
          "conflicting options: cannot specify a volume-name through both --name and as a positional arg")
      }
      var request = VolumeCreateRequest()
      request.name = arguments.words.first ?? arguments.string("name")
      request.driver = arguments.string("driver")
      // Docker tells maps that were never given as null.
      request.driverOpts = arguments.isSet("opt") ? arguments.map("opt") : nil
      request.labels = arguments.isSet("label") ? arguments.map("label") : nil
      StandardStream.output.line(try await session.engine().createVolume(request).name)
      return 0
    }
  }
}

/// `skiff volume rm`
enum RemoveVolumesCommand {
  static let entry = CommandEntry("rm", aliases: ["remove"], "Remove one or more volumes") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] VOLUME [VOLUME...]",
      summary: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
      words: .atLeast(1),
      flags: [.bool("force|f", "Force the removal of one or more volumes")],
      aliases: aliases("volume rm", "volume remove"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      let force = arguments.bool("force")
      return await forEach(arguments.words) { name in
        try await client.removeVolume(name, force: force)
        return name
      }
    }
  }
}
