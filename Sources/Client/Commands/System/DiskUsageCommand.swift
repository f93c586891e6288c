import DockerAPI
import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff system df`
enum DiskUsageCommand {
  static let entry = CommandEntry("df", "Show disk usage") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "Show disk usage", words: .none,
      flags: [CommonFlags.formatTable, .bool("verbose|v", "Show detailed information on space usage")])
    return Command(syntax) { arguments, session in
      let usage = try await session.engine().diskUsage()
      let format = arguments.string("format")
      if arguments.bool("verbose") {
        StandardStream.output.write(
          ["", "table"].contains(format)
            ? try DiskUsageDetails.text(usage) : try DiskUsageDetails.text(usage, format))
      } else {
        StandardStream.output.write(try listing.text(format, rows(usage)))
      }
      return 0
    }
  }

  private static let listing = Listing(
    columns: [
      ("Active", "ACTIVE"), ("Reclaimable", "RECLAIMABLE"), ("Size", "SIZE"), ("TotalCount", "TOTAL"),
      ("Type", "TYPE"),
    ],
    standard: ["Type", "TotalCount", "Active", "Size", "Reclaimable"],
    raw: [
      ("type", "Type"), ("total", "TotalCount"), ("active", "Active"), ("size", "Size"),
      ("reclaimable", "Reclaimable"),
    ])

  static func rows(_ usage: DiskUsage) -> [TemplateRecord] {
    let activeImages = usage.images.filter { $0.containers > 0 }
    let used = activeImages.reduce(Int64(0)) { $0 + $1.size - max(0, $1.sharedSize) }
    let containers = usage.containers
    let isActive: (ContainerSummary) -> Bool = { ["running", "paused", "restarting"].contains($0.state) }
    let containerSize = containers.reduce(Int64(0)) { $0 + ($1.sizeRw ?? 0) }
    let idle = containers.filter { !isActive($0) }.reduce(Int64(0)) { $0 + ($1.sizeRw ?? 0) }
    let volumeSize = usage.volumes.reduce(Int64(0)) { $0 + max(0, $1.usageData?.size ?? 0) }
    let unused = usage.volumes.filter { ($0.usageData?.refCount ?? 0) == 0 }
    let builds = usage.buildCache
    let buildSize = builds.filter { !$0.shared }.reduce(Int64(0)) { $0 + $1.size }
    let freeBuilds = builds.filter { !$0.shared && !$0.inUse }.reduce(Int64(0)) { $0 + $1.size }
    return [
      row(
        "Images", usage.images.count, activeImages.count, usage.layersSize, max(0, usage.layersSize - used)),
      row("Containers", containers.count, containers.filter(isActive).count, containerSize, idle),
      row(
        "Local Volumes", usage.volumes.count, usage.volumes.count - unused.count, volumeSize,
        unused.reduce(0) { $0 + max(0, $1.usageData?.size ?? 0) }),
      row("Build Cache", builds.count, builds.filter(\.inUse).count, buildSize, freeBuilds, percent: false),
    ]
  }

  private static func row(
    _ type: String, _ total: Int, _ active: Int, _ size: Int64, _ reclaimable: Int64, percent: Bool = true
  ) -> TemplateRecord {
    var free = ByteSize.decimal(Double(reclaimable))
    if percent, size > 0 { free += " (\(reclaimable * 100 / size)%)" }
    return TemplateRecord(
      [
        ("Active", .string("\(active)")), ("Reclaimable", .string(free)),
        ("Size", .string(ByteSize.decimal(Double(size)))),
        ("TotalCount", .string("\(total)")), ("Type", .string(type)),
      ], typeName: "*formatter.diskUsage\(type.split(separator: " ").last ?? "")Context")
  }
}

/// `skiff system df -v`
enum DiskUsageDetails {
  static func text(_ usage: DiskUsage) throws -> String {
    // An image counts once, however many names it has.
    let images = usage.images.compactMap { ImageRow.records($0, truncates: true, digests: false).first }
    let containers = usage.containers.map { container in
      // What it shares with its image is told with the images.
      var container = container
      container.sizeRootFs = nil
      return ContainerRow.record(container, truncates: true)
    }
    let imageTable = Listing(
      columns: ImageRow.listing(withDigests: false).columns,
      standard: ["Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize", "Containers"])
    let containerTable = Listing(
      columns: ContainerRow.listing(withSize: true).columns,
      standard: ["ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"])
    let volumes = usage.volumes.map {
      "\($0.name)\t\($0.usageData?.refCount ?? 0)\t\(ByteSize.decimal(Double(max(0, $0.usageData?.size ?? 0))))"
    }
    let builds = usage.buildCache.map { cache in
      [
        String(cache.id.prefix(12)) + (cache.inUse ? "*" : ""), cache.type,
        ByteSize.decimal(Double(cache.size), digits: 3), ago(cache.createdAt), ago(cache.lastUsedAt),
        "\(cache.usageCount)", "\(cache.shared)",
      ].joined(separator: "\t")
    }
    let reclaimable = usage.buildCache.filter { !$0.inUse && !$0.shared }.reduce(Int64(0)) { $0 + $1.size }
    return "Images space usage:\n\n" + (try imageTable.text("", images)) + "\nContainers space usage:\n\n"
      + (try containerTable.text("", containers)) + "\nLocal Volumes space usage:\n\n"
      + Table.layOut(["VOLUME NAME\tLINKS\tSIZE"] + volumes)
      + "\nBuild cache usage: \(ByteSize.decimal(Double(reclaimable)))\n\n"
      + Table.layOut(["CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\tSHARED"] + builds)
  }

  /// By a template, which sees all four lists at once.
  static func text(_ usage: DiskUsage, _ format: String) throws -> String {
    let template = try Listing.parse(format == "json" ? "{{json .}}" : Listing.unescape(format))
    let lists: [(String, [TemplateRecord])] = [
      ("Images", usage.images.compactMap { ImageRow.records($0, truncates: false, digests: false).first }),
      ("Containers", usage.containers.map { ContainerRow.record($0, truncates: false) }),
      ("Volumes", usage.volumes.map(VolumeRow.record)), ("BuildCache", usage.buildCache.map(build)),
    ]
    let fields = lists.map { (name: $0.0, value: JSONValue.array($0.1.map(\.json))) }
    let record = TemplateRecord(
      fields, typeName: "*formatter.diskUsageContext", whole: .object(JSONObject(fields.map { ($0.0, $0.1) }))
    )
    return try template.render(.record(record))
  }

  private static func ago(_ moment: String) -> String {
    Timestamp(rfc3339: moment).map { HumanDuration.since($0, now: now()) } ?? ""
  }

  private static func build(_ cache: BuildCacheRecord) -> TemplateRecord {
    return .row(
      [
        ("CacheType", cache.type), ("CreatedAt", cache.createdAt), ("CreatedSince", ago(cache.createdAt)),
        ("Description", cache.description), ("ID", cache.id + (cache.inUse ? "*" : "")),
        ("InUse", "\(cache.inUse)"), ("LastUsedAt", cache.lastUsedAt),
        ("LastUsedSince", ago(cache.lastUsedAt)),
        ("Parent", ""), ("Shared", "\(cache.shared)"),
        ("Size", ByteSize.decimal(Double(cache.size), digits: 3)),
        ("UsageCount", "\(cache.usageCount)"),
      ], "*formatter.buildCacheContext")
  }
}
