import Credentials
import DockerAPI
import DockerClient
import Flags
import JSON
import Reactor
import Synchronization
import TerminalUI
import TextFormats

/// `skiff stats`
enum StatsCommand {
  static let entry = CommandEntry("stats", "Display a live stream of container(s) resource usage statistics")
  { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] [CONTAINER...]",
      summary: "Display a live stream of container(s) resource usage statistics", words: .any,
      flags: [
        .bool("all|a", "Show all containers (default shows just running)"), CommonFlags.formatTable,
        .bool("no-stream", "Disable streaming stats and only pull the first result"),
        CommonFlags.noTruncation,
      ], aliases: aliases("container stats", "stats"))
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let client = try await session.engine()
    var format = arguments.string("format")
    if format.isEmpty { format = session.config().text("statsFormat") }
    let truncates = !arguments.bool("no-trunc")
    let inPlace = StandardStream.output.drawsInPlace
    var isFirst = true
    while true {
      let names = try await names(arguments, client)
      let measured = await measure(names, client)
      // One that goes while it is watched is left out from then on.
      if isFirst, !arguments.words.isEmpty { for outcome in measured { _ = try outcome.get() } }
      isFirst = false
      // Of all containers, one that was removed meanwhile is left out as well.
      let rows = measured.compactMap { try? $0.get() }.map { $0.record(truncates: truncates) }
      let text = try StatsRow.listing.text(format, rows)
      if arguments.bool("no-stream") {
        StandardStream.output.write(text)
        return 0
      }
      StandardStream.output.write(inPlace ? redrawn(text) : text)
      if rows.isEmpty, !arguments.words.isEmpty { return 0 }
    }
  }

  /// Over what stands there, line by line: a screen that is emptied first flickers.
  private static func redrawn(_ text: String) -> String {
    "\u{1B}[H" + text.split(separator: "\n").map { "\($0)\u{1B}[K\n" }.joined() + "\u{1B}[J"
  }

  private static func names(_ arguments: Arguments, _ client: DockerClient) async throws -> [String] {
    if !arguments.words.isEmpty { return arguments.words }
    return try await client.containers(all: arguments.bool("all")).map(\.id)
  }

  /// Each measurement takes the engine a second: all are made at once.
  private static func measure(
    _ names: [String], _ client: DockerClient
  ) async -> [Result<StatsRow, any Error>] {
    if names.isEmpty {
      // Nothing to measure yet: look again in a while. A cancelled wait ends the program anyway.
      try? await sleep(milliseconds: 500)
      return []
    }
    return await resultsAtOnce(names) { name in
      for try await sample in try await client.containerStats(name, stream: false) {
        return StatsRow(name: name, sample)
      }
      throw CommandFailure("no statistics for \(name)")
    }
  }
}

/// A line of `stats`.
struct StatsRow: Sendable {
  let name: String
  let sample: JSONValue

  init(name: String, _ sample: JSONValue) {
    self.name = name
    self.sample = sample
  }

  static let listing = Listing(
    columns: [
      ("BlockIO", "BLOCK I/O"), ("CPUPerc", "CPU %"), ("Container", "CONTAINER"), ("ID", "CONTAINER ID"),
      ("MemPerc", "MEM %"),
      ("MemUsage", "MEM USAGE / LIMIT"), ("Name", "NAME"), ("NetIO", "NET I/O"), ("PIDs", "PIDS"),
    ], standard: ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"])

  func record(truncates: Bool) -> TemplateRecord {
    let id = sample["id"]?.string ?? sample["Id"]?.string ?? name
    let shownName = sample["name"]?.string ?? ""
    let memory = memory()
    let limit = sample["memory_stats"]?["limit"]?.number ?? 0
    let (received, sent) = network()
    let (read, written) = blocks()
    let fields: [(String, String)] = [
      ("BlockIO", "\(ByteSize.decimal(read, digits: 3)) / \(ByteSize.decimal(written, digits: 3))"),
      ("CPUPerc", "\(Self.percent(processor()))%"), ("Container", name),
      ("ID", truncates ? shortened(id) : id),
      ("MemPerc", "\(Self.percent(limit > 0 ? memory / limit * 100 : 0))%"),
      ("MemUsage", "\(ByteSize.binary(memory)) / \(ByteSize.binary(limit))"),
      ("Name", shownName.hasPrefix("/") ? String(shownName.dropFirst()) : shownName),
      ("NetIO", "\(ByteSize.decimal(received, digits: 3)) / \(ByteSize.decimal(sent, digits: 3))"),
      ("PIDs", "\(sample["pids_stats"]?["current"]?.integer ?? 0)"),
    ]
    return .row(fields, "*container.statsContext")
  }

  /// What is used without the cache that can be given back.
  private func memory() -> Double {
    let usage = sample["memory_stats"]?["usage"]?.number ?? 0
    let stats = sample["memory_stats"]?["stats"]
    for key in ["total_inactive_file", "inactive_file"] {
      if let cache = stats?[key]?.number, cache < usage { return usage - cache }
    }
    return usage
  }

  /// The share of one processor since the measurement before, in percent.
  private func processor() -> Double {
    let (now, before) = (sample["cpu_stats"], sample["precpu_stats"])
    let used =
      (now?["cpu_usage"]?["total_usage"]?.number ?? 0) - (before?["cpu_usage"]?["total_usage"]?.number ?? 0)
    let all = (now?["system_cpu_usage"]?.number ?? 0) - (before?["system_cpu_usage"]?.number ?? 0)
    let count = now?["online_cpus"]?.number ?? Double(now?["cpu_usage"]?["percpu_usage"]?.array?.count ?? 1)
    return all > 0 && used > 0 ? used / all * count * 100 : 0
  }

  private func network() -> (Double, Double) {
    (sample["networks"]?.object?.values ?? []).reduce((0, 0)) { sum, network in
      (sum.0 + (network["rx_bytes"]?.number ?? 0), sum.1 + (network["tx_bytes"]?.number ?? 0))
    }
  }

  private func blocks() -> (Double, Double) {
    (sample["blkio_stats"]?["io_service_bytes_recursive"]?.array ?? []).reduce((0, 0)) { sum, entry in
      let value = entry["value"]?.number ?? 0
      return switch entry["op"]?.string?.lowercased().first {
      case "r": (sum.0 + value, sum.1)
      case "w": (sum.0, sum.1 + value)
      default: sum
      }
    }
  }

  private static func percent(_ number: Double) -> String {
    let hundredths = Int64((number * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
