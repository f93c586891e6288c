import DockerAPI
import DockerClient
import Flags
import TerminalUI
import TextFormats

/// `prune` in each group.
enum PruneCommands {
  static let containers = entry("Remove all stopped containers", hasAll: nil) {
    _, filters, client, _ in
    let report = try await client.pruneContainers(filters: filters)
    return Outcome(
      heading: "Deleted Containers:", lines: report.containersDeleted ?? [], reclaimed: report.spaceReclaimed)
  } question: { _ in
    "WARNING! This will remove all stopped containers.\nAre you sure you want to continue?"
  }

  static let images = entry(
    "Remove unused images", hasAll: "Remove all unused images, not just dangling ones"
  ) { all, filters, client, _ in
    try await Outcome.images(all: all, filters, client)
  } question: { all in
    let what = all ? "all images without at least one container associated to them" : "all dangling images"
    return "WARNING! This will remove \(what).\nAre you sure you want to continue?"
  }

  static let networks = entry("Remove all unused networks", hasAll: nil) { _, filters, client, _ in
    let report = try await client.pruneNetworks(filters: filters)
    return Outcome(heading: "Deleted Networks:", lines: report.networksDeleted ?? [], reclaimed: nil)
  } question: { _ in
    "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?"
  }

  static let volumes = entry(
    "Remove unused local volumes", hasAll: "Remove all unused volumes, not just anonymous ones"
  ) { all, filters, client, _ in
    var filters = filters
    if all { filters.values["all"] = ["true"] }
    let report = try await client.pruneVolumes(filters: filters)
    return Outcome(
      heading: "Deleted Volumes:", lines: report.volumesDeleted ?? [], reclaimed: report.spaceReclaimed)
  } question: { all in
    "WARNING! This will remove \(all ? "all" : "anonymous") local volumes not used by at least one container.\nAre you sure you want to continue?"
  }

  static let builds = entry(
    "Remove build cache", hasAll: "Remove all unused build cache, not just dangling ones",
    usage: "",
    extra: [
      CommonFlags.bytes("keep-storage", "Amount of disk space to keep for cache"),
      CommonFlags.bytes("reserved-space", "Amount of disk space always allowed to keep for cache"),
      CommonFlags.bytes("max-used-space", "Maximum amount of disk space allowed to keep for cache"),
      CommonFlags.bytes("min-free-space", "Target amount of free disk space after pruning"),
    ]
  ) { all, filters, client, arguments in
    var bounds = CacheBounds()
    bounds.reserved = CommonFlags.size(
      arguments, arguments.isSet("reserved-space") ? "reserved-space" : "keep-storage")
    bounds.maximum = CommonFlags.size(arguments, "max-used-space")
    bounds.minimumFree = CommonFlags.size(arguments, "min-free-space")
    let report = try await client.pruneBuildCache(all: all, bounds: bounds, filters: filters)
    return Outcome(
      heading: "Deleted build cache objects:", lines: report.cachesDeleted ?? [],
      reclaimed: report.spaceReclaimed)
  } question: { all in
    "WARNING! This will remove all \(all ? "" : "dangling ")build cache. Are you sure you want to continue?"
  }

  /// What a prune removed.
  struct Outcome: Sendable {
    let heading: String
    let lines: [String]
    /// Bytes; nil where nothing is counted.
    let reclaimed: Int64?

    static func images(all: Bool, _ filters: Filters, _ client: DockerClient) async throws -> Outcome {
      var filters = filters
      filters.values["dangling"] = [all ? "false" : "true"]
      let report = try await client.pruneImages(filters: filters)
      let lines = (report.imagesDeleted ?? []).flatMap { item in
        [item.untagged.map { "untagged: \($0)" }, item.deleted.map { "deleted: \($0)" }].compactMap { $0 }
      }
      return Outcome(heading: "Deleted Images:", lines: lines, reclaimed: report.spaceReclaimed)
    }

    func tell(withTotal: Bool = true) {
      if !lines.isEmpty { StandardStream.output.write("\(heading)\n\(lines.joined(separator: "\n"))\n\n") }
      if withTotal, let reclaimed {
        StandardStream.output.line("Total reclaimed space: \(ByteSize.decimal(Double(reclaimed)))")
      }
    }
  }

  private static func entry(
    _ summary: String, hasAll: String?, usage: String = "[OPTIONS]", extra: [Flag] = [],
    prune: @escaping @Sendable (Bool, Filters, DockerClient, Arguments) async throws -> Outcome,
    question: @escaping @Sendable (Bool) -> String
  ) -> CommandEntry {
    CommandEntry("prune", summary) { path in
      let flags: [Flag] =
        [CommonFlags.pruneFilter, .bool("force|f", "Do not prompt for confirmation")] + extra
      let syntax = CommandSyntax(
        path, usage, summary: summary, words: .none,
        flags: flags + (hasAll.map { [Flag.bool("all|a", $0)] } ?? []))
      return Command(syntax) { arguments, session in
        let all = arguments.bool("all")
        if !arguments.bool("force"), !confirm(question(all)) {
          return 0
        }
        let filters = CommonFlags.filters(arguments.list("filter"))
        try await prune(all, filters, try await session.engine(), arguments).tell()
        return 0
      }
    }
  }
}

/// `skiff system prune`
enum SystemPruneCommand {
  static let entry = CommandEntry("prune", "Remove unused data") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "Remove unused data", words: .none,
      flags: [
        .bool("all|a", "Remove all unused images not just dangling ones"), CommonFlags.pruneFilter,
        .bool("force|f", "Do not prompt for confirmation"), .bool("volumes", "Prune anonymous volumes"),
      ])
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let all = arguments.bool("all")
    let volumes = arguments.bool("volumes")
    let filters = CommonFlags.filters(arguments.list("filter"))
    if volumes, filters.values["until"] != nil {
      throw CommandFailure("ERROR: The \"until\" filter is not supported with \"--volumes\"")
    }
    if !arguments.bool("force"), !confirm(question(all: all, volumes: volumes)) {
      return 0
    }
    let client = try await session.engine()
    let containers = try await client.pruneContainers(filters: filters)
    var outcomes = [
      PruneCommands.Outcome(
        heading: "Deleted Containers:", lines: containers.containersDeleted ?? [],
        reclaimed: containers.spaceReclaimed)
    ]
    let networks = try await client.pruneNetworks(filters: filters)
    outcomes.append(.init(heading: "Deleted Networks:", lines: networks.networksDeleted ?? [], reclaimed: 0))
    if volumes {
      let report = try await client.pruneVolumes(filters: filters)
      outcomes.append(
        .init(
          heading: "Deleted Volumes:", lines: report.volumesDeleted ?? [], reclaimed: report.spaceReclaimed))
    }
    outcomes.append(try await PruneCommands.Outcome.images(all: all, filters, client))
    if let builds = try await builds(all, filters, client) {
      outcomes.append(
        .init(
          heading: "Deleted build cache objects:", lines: builds.cachesDeleted ?? [],
          reclaimed: builds.spaceReclaimed))
    }
    for outcome in outcomes { outcome.tell(withTotal: false) }
    let total = outcomes.reduce(0) { $0 + ($1.reclaimed ?? 0) }
    StandardStream.output.line("Total reclaimed space: \(ByteSize.decimal(Double(total)))")
    return 0
  }

  /// Nil from engines that keep no cache of builds.
  private static func builds(_ all: Bool, _ filters: Filters, _ client: DockerClient) async throws
    -> PruneReport?
  {
    do {
      return try await client.pruneBuildCache(all: all, filters: filters)
    } catch let error as APIError where error.isNotFound || error.status == 405 {
      return nil
    }
  }

  private static func question(all: Bool, volumes: Bool) -> String {
    var lines = [
      "WARNING! This will remove:", "  - all stopped containers",
      "  - all networks not used by at least one container",
    ]
    if volumes { lines.append("  - all anonymous volumes not used by at least one container") }
    lines.append(
      all ? "  - all images without at least one container associated to them" : "  - all dangling images")
    lines.append(all ? "  - all build cache" : "  - unused build cache")
    return lines.joined(separator: "\n") + "\n\nAre you sure you want to continue?"
  }
}
