import DockerAPI
import EngineErrors
import Filtering
import ImageNames
import JSON
import OCISpec
import Snapshots
import TextFormats

extension Images {
  /// The lines of `GET /images/json`, newest first.
  ///
  /// With `sharedSizes` each says how much of it other images have too; -1 otherwise.
  public func list(all: Bool, filters: Filters, sharedSizes: Bool = false) async throws(EngineError)
    -> [ImageSummary]
  {
    try filters.admit(["before", "dangling", "label", "reference", "since", "until"])
    for pattern in filters["reference"] where !NamePattern.isValid(pattern) {
      throw EngineError(.invalidArgument, "invalid filter 'reference=\(pattern)': syntax error in pattern")
    }
    let wantsDangling = try filters.flag("dangling")
    let before = try await created(filters["before"]).min()
    let since = try await created(filters["since"]).max()
    let until = try filters.earliest("until")?.seconds
    var lines: [ImageSummary] = []
    let everything = try await self.all()
    let owners =
      sharedSizes
      ? Dictionary(everything.flatMap(\.layers).map { ($0.chainID, 1) }, uniquingKeysWith: +) : [:]
    for image in everything {
      if let wantsDangling, wantsDangling != image.names.isEmpty { continue }
      if let before, image.created >= before { continue }
      if let since, image.created <= since { continue }
      if let until, image.created >= until { continue }
      guard filters.acceptLabels(image.config.config?.labels ?? [:]) else { continue }
      guard var line = summary(of: image, filters) else { continue }
      if sharedSizes {
        line.sharedSize = image.layers.filter { owners[$0.chainID, default: 0] > 1 }.reduce(0) {
          $0 + $1.size
        }
      }
      lines.append(line)
    }
    return lines
  }

  /// nil when a `reference` filter leaves no name of the image.
  private func summary(of image: Image, _ filters: Filters) -> ImageSummary? {
    var line = ImageSummary()
    line.id = image.id.description
    line.parentID = known[image.id]?.record.parent ?? ""
    line.repoTags = image.names
    line.repoDigests = image.digests
    if !filters["reference"].isEmpty {
      let patterns = filters["reference"]
      line.repoTags = image.names.filter { name in patterns.contains { NamePattern.matches($0, name) } }
      line.repoDigests = image.digests.filter { name in patterns.contains { NamePattern.matches($0, name) } }
      if line.repoTags.isEmpty && line.repoDigests.isEmpty { return nil }
    }
    line.created = image.created
    line.size = image.size
    line.sharedSize = -1
    line.virtualSize = image.size
    line.labels = image.config.config?.labels ?? [:]
    line.containers = -1
    return line
  }

  private func created(_ references: [String]) async throws(EngineError) -> [Int64] {
    var moments: [Int64] = []
    for reference in references { moments.append(try await find(reference).created) }
    return moments
  }

  /// The answer of `GET /images/{name}/json`.
  public func inspect(_ reference: String) async throws(EngineError) -> ImageInspect {
    let image = try await find(reference)
    var answer = ImageInspect()
    answer.id = image.id.description
    answer.repoTags = image.names
    answer.repoDigests = image.digests
    answer.parent = known[image.id]?.record.parent ?? ""
    answer.comment = image.config.comment ?? image.config.history?.last?.comment ?? ""
    answer.created = image.config.created ?? ""
    answer.dockerVersion = image.config.dockerVersion ?? ""
    answer.author = image.config.author ?? ""
    answer.config = ContainerConfig(image.config.config ?? ImageDefaults())
    answer.architecture = image.config.architecture
    answer.variant = image.config.variant
    answer.os = image.config.os
    answer.size = image.size
    answer.virtualSize = image.size
    answer.graphDriver = graphDriver(image)
    answer.rootFS.type = "layers"
    answer.rootFS.layers = image.layers.map(\.diffID.description)
    answer.metadata.lastTagTime = known[image.id]?.record.lastTagged ?? "0001-01-01T00:00:00Z"
    return answer
  }

  private func graphDriver(_ image: Image) -> GraphDriver {
    var driver = GraphDriver()
    driver.name = "overlay2"
    let paths = image.layers.reversed().map { "\(snapshots.layersDirectory)/\($0.name)" }
    var data: [String: String] = [:]
    data["UpperDir"] = paths.first
    if paths.count > 1 { data["LowerDir"] = paths.dropFirst().joined(separator: ":") }
    driver.data = data
    return driver
  }

  /// The lines of `GET /images/{name}/history`, newest first.
  public func history(_ reference: String) async throws(EngineError) -> [ImageHistoryItem] {
    let image = try await find(reference)
    var sizes = image.layers.map(\.size)[...]
    var lines: [ImageHistoryItem] = []
    for step in image.config.history ?? [] {
      var line = ImageHistoryItem()
      line.id = "<missing>"
      line.created = Self.seconds(step.created)
      line.createdBy = step.createdBy ?? ""
      line.comment = step.comment ?? ""
      line.size = step.emptyLayer == true ? 0 : sizes.popFirst() ?? 0
      lines.append(line)
    }
    if !lines.isEmpty {
      lines[lines.count - 1].id = image.id.description
      lines[lines.count - 1].tags = image.names.isEmpty ? nil : image.names
    }
    return lines.reversed()
  }
}

extension ContainerConfig {
  /// What an image says to containers, as the API shows it.
  init(_ image: ImageDefaults) {
    self.init()
    hostname = image.hostname ?? ""
    domainname = image.domainname ?? ""
    user = image.user ?? ""
    exposedPorts = image.exposedPorts.map(Self.set)
    env = image.env
    cmd = image.cmd.map { StringList($0) }
    argsEscaped = image.argsEscaped
    volumes = image.volumes.map(Self.set)
    workingDir = image.workingDir ?? ""
    entrypoint = image.entrypoint.map { StringList($0) }
    onBuild = image.onBuild
    labels = image.labels
    stopSignal = image.stopSignal
    stopTimeout = image.stopTimeout
    shell = image.shell
    healthcheck = image.healthcheck.map { check in
      var health = HealthConfig()
      health.test = check.test
      health.interval = check.interval
      health.timeout = check.timeout
      health.startPeriod = check.startPeriod
      health.startInterval = check.startInterval
      health.retries = check.retries
      return health
    }
  }

  private static func set(_ names: NameSet) -> [String: EmptyObject] {
    Dictionary(uniqueKeysWithValues: names.names.map { ($0, EmptyObject()) })
  }
}
