import DockerAPI
import EngineErrors
import ImageNames
import Images
import OCISpec
import ShimProtocol
import Snapshots
import TextFormats

/// What `GET /containers/json` asks for.
public struct ListOptions: Sendable {
  public var all = false
  /// The newest so many, running or not; nil for no limit.
  public var limit: Int?
  public var size = false
  /// With what a user would want to know first.
  public var notes = false
  public var filters = Filters()
  public init() {}
}

extension Containers {
  /// The newest first.
  public func list(_ options: ListOptions) async throws(EngineError) -> [ContainerSummary] {
    try Self.check(options.filters)
    var snapshots: [(container: Container, record: ContainerRecord)] = []
    for container in containers.values { snapshots.append((container, await container.record)) }
    snapshots.sort { ($0.record.created, $0.record.id) > ($1.record.created, $1.record.id) }
    let bounds = try await creationBounds(options.filters)
    let showsStopped =
      options.all || options.limit != nil || !options.filters["status"].isEmpty
      || !options.filters["exited"].isEmpty
    var lines: [ContainerSummary] = []
    // Many containers have few images: each name is looked up once.
    var images: [String: String?] = [:]
    for (container, record) in snapshots {
      if let limit = options.limit, lines.count >= limit { break }
      guard showsStopped || record.life.isRunning, bounds.contain(record.created),
        accepts(record, options.filters)
      else { continue }
      let image = record.config.image
      if images[image] == nil {
        // A name that means nothing any more.
        images[image] = .some((try? await services.images.find(image))?.id.description)
      }
      var line = try await container.summary(size: options.size, imageNow: images[image] ?? nil)
      if options.notes { line.notes = await container.notes() }
      if await accepts(line, record, options.filters) { lines.append(line) }
    }
    return lines
  }

  private struct Bounds {
    var after: String?
    var before: String?
    func contain(_ created: String) -> Bool {
      if let after, created <= after { return false }
      if let before, created >= before { return false }
      return true
    }
  }

  private func creationBounds(_ filters: Filters) async throws(EngineError) -> Bounds {
    var bounds = Bounds()
    for reference in filters["since"] {
      bounds.after = max(bounds.after ?? "", await (try find(reference)).record.created)
    }
    for reference in filters["before"] {
      let created = await (try find(reference)).record.created
      bounds.before = min(bounds.before ?? created, created)
    }
    return bounds
  }

  /// The filters that the record alone decides.
  private func accepts(_ record: ContainerRecord, _ filters: Filters) -> Bool {
    let life = record.life
    return filters.accept("id") { record.id.hasPrefix($0) }
      && filters.acceptPatterns("name", "/\(record.name)", record.name)
      && filters.acceptLabels(record.config.labels ?? [:])
      && filters.accept("status") { $0 == life.phase.rawValue }
      && filters.accept("exited") { Int32($0) == life.exitCode && life.phase == .exited }
      && filters.accept("is-task") { $0 == "false" || $0 == "0" }
      && filters.accept("health") { $0 == healthName(record) }
      && filters.accept("volume") { wanted in
        record.mounts.contains { $0.name == wanted || $0.destination == wanted || $0.source == wanted }
      }
  }

  private func healthName(_ record: ContainerRecord) -> String {
    guard record.life.hasRun, let test = record.config.healthcheck?.test?.first, test != "NONE" else {
      return "none"
    }
    return record.life.health?.status.rawValue ?? "starting"
  }

  /// The filters that need what others know: networks, images, ports.
  private func accepts(_ line: ContainerSummary, _ record: ContainerRecord, _ filters: Filters) async -> Bool
  {
    let networks = line.networkSettings.networks
    guard
      filters.accept(
        "network",
        { wanted in
          networks.contains { $0.key == wanted || (!wanted.isEmpty && $0.value.networkID.hasPrefix(wanted)) }
        })
    else { return false }
    // One of either kind is enough.
    let (published, exposed) = (PortFilter.ports(filters["publish"]), PortFilter.ports(filters["expose"]))
    if !published.isEmpty || !exposed.isEmpty {
      guard
        line.ports.contains(where: { port in
          published.contains { $0.fits(port.publicPort ?? 0, port.type) }
            || exposed.contains { $0.fits(port.privatePort, port.type) }
        })
      else { return false }
    }
    let ancestors = filters["ancestor"]
    if ancestors.isEmpty { return true }
    for ancestor in ancestors where await descends(record, from: ancestor) { return true }
    return false
  }

  private func descends(_ record: ContainerRecord, from ancestor: String) async -> Bool {
    // An ancestor that is no image is nobody's.
    guard let image = try? await services.images.find(ancestor) else {
      return record.config.image == ancestor
    }
    if image.id.description == record.imageID { return true }
    guard let own = try? await services.images.find(record.imageID) else { return false }
    return own.layers.count >= image.layers.count
      && own.layers.prefix(image.layers.count).map(\.chainID) == image.layers.map(\.chainID)
      && !image.layers.isEmpty
  }
}

extension Container {
  /// - Parameter imageNow: the id of the image that the container's image's name means by now.
  func summary(size: Bool, imageNow: String?) async throws(EngineError) -> ContainerSummary {
    var line = ContainerSummary()
    line.id = id
    line.names = ["/\(record.name)"]
    // A name that means another image, or none, gives way to the id.
    line.image = imageNow == record.imageID ? record.config.image : record.imageID
    line.imageID = record.imageID
    line.command = CommandText.joined([record.path] + record.arguments)
    line.created = Moment.seconds(record.created)
    line.ports = await ports()
    line.labels = record.config.labels ?? [:]
    line.state = record.life.phase.rawValue
    line.status = statusText
    line.hostConfig.networkMode = record.hostConfig.networkMode
    line.hostConfig.annotations = record.hostConfig.annotations
    line.networkSettings.networks = await currentNetworks()
    line.mounts = record.mounts.filter { $0.kind != .tmpfs }.map(\.point)
    if size {
      line.sizeRw = try await services.snapshots.usage(id)
      line.sizeRootFs = (line.sizeRw ?? 0) + ((try? await services.images.find(record.imageID))?.size ?? 0)
    }
    return line
  }

  private func ports() async -> [Port] {
    var ports: [Port] = []
    for (key, bindings) in await currentPorts() {
      let parts = key.split(separator: "/").map(String.init)
      var port = Port()
      port.privatePort = parts.first.flatMap { UInt16($0) } ?? 0
      port.type = parts.count > 1 ? parts[1] : "tcp"
      if bindings.isEmpty { ports.append(port) }
      for binding in bindings {
        port.ip = binding.hostIP
        port.publicPort = UInt16(binding.hostPort)
        ports.append(port)
      }
    }
    return ports.sorted {
      ($0.privatePort, $0.type, $0.publicPort ?? 0, $0.ip ?? "") < (
        $1.privatePort, $1.type, $1.publicPort ?? 0, $1.ip ?? ""
      )
    }
  }

  /// `Up 5 minutes (healthy)`, `Exited (0) 2 hours ago`, …
  private var statusText: String {
    let life = record.life
    let now = Moment.seconds()
    func ago(_ time: String) -> String { HumanDuration.text(seconds: now - Moment.seconds(time)) }
    switch life.phase {
    case .created: return removing ? "Removal In Progress" : "Created"
    case .dead: return "Dead"
    case .exited:
      return removing ? "Removal In Progress" : "Exited (\(life.exitCode)) \(ago(life.finishedAt)) ago"
    case .restarting: return "Restarting (\(life.exitCode)) \(ago(life.finishedAt)) ago"
    case .paused: return "Up \(ago(life.startedAt)) (Paused)"
    case .running:
      let health =
        state.health.map { $0.status == "starting" ? " (health: starting)" : " (\($0.status))" } ?? ""
      return "Up \(ago(life.startedAt))\(health)"
    }
  }
}

/// A command as `docker ps` shows it: words with blanks in single quotes.
enum CommandText {
  static func joined(_ words: [String]) -> String {
    words.enumerated().map { index, word in
      index > 0 && word.contains(where: { " \t\n\"'\\".contains($0) })
        ? "'\(word.replacing("'", with: #"'\''"#))'" : word
    }.joined(separator: " ")
  }
}
