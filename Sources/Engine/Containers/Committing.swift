import Bundles
import DockerAPI
import EngineErrors
import Images
import Linux
import OCISpec
import Snapshots
import TextFormats

/// What is said of an image made from a container.
public struct CommitRequest: Sendable {
  /// `name:tag`; nil leaves the image without a name.
  public var name: String?
  public var author: String
  public var comment: String
  /// Whether the container stands still while its files are copied.
  public var pauses: Bool
  /// What the image says instead of the container's settings, where it says anything.
  public var settings: ContainerConfig?
  /// Applies what the user wants changed (`--change`).
  public var configure: @Sendable (inout ImageDefaults) throws(EngineError) -> Void

  public init(
    name: String?, author: String = "", comment: String = "", settings: ContainerConfig? = nil,
    pauses: Bool = true,
    configure: @escaping @Sendable (inout ImageDefaults) throws(EngineError) -> Void = { _ in }
  ) {
    self.name = name
    self.author = author
    self.comment = comment
    self.pauses = pauses
    self.settings = settings
    self.configure = configure
  }
}

extension Containers {
  /// Makes an image of a container: its image's layers, and what it changed as one more.
  public func commit(_ reference: String, _ request: CommitRequest) async throws(EngineError) -> Image {
    try await find(reference).commit(request)
  }

  /// What a container changed in its image's files.
  public func changes(_ reference: String) async throws(EngineError) -> [FilesystemChange] {
    try await find(reference).changes()
  }
}

extension Container {
  private var mountPoints: MountPoints { .container(record.mounts.map(\.destination)) }

  func changes() async throws(EngineError) -> [FilesystemChange] {
    try await services.snapshots.changes(id, mountPoints: mountPoints).map { path, kind in
      var change = FilesystemChange()
      change.path = path
      change.kind = kind
      return change
    }
  }

  func commit(_ request: CommitRequest) async throws(EngineError) -> Image {
    let stands = request.pauses ? try await standStill() : false
    let layer: Layer
    do {
      layer = try await services.snapshots.copy(id, mountPoints: mountPoints)
    } catch {
      if stands { try await goOn() }
      throw error
    }
    if stands { try await goOn() }
    let config = try await config(with: layer, request)
    let image = try await services.images.create(
      config: config, top: layer.chainID, names: request.name.map { [$0] } ?? [], parent: record.imageID)
    publish(
      "commit",
      ["comment": request.comment, "imageID": image.id.description, "imageRef": image.names.first ?? ""])
    return image
  }

  /// Pauses a running container; false where it does not run, or ends right now.
  private func standStill() async throws(EngineError) -> Bool {
    guard record.life.phase == .running else { return false }
    do throws(EngineError) {
      try await pause()
      return true
    } catch {
      guard error.kind == .unavailable || error.kind == .conflict else { throw error }
      return false
    }
  }

  private func config(with layer: Layer, _ request: CommitRequest) async throws(EngineError) -> ImageConfig {
    // The image may have been removed by force; its layers are here as long as the container is.
    let base = try? await services.images.find(record.imageID).config
    var config = base ?? ImageConfig()
    let created = Timestamp(nanoseconds: Clock.realtime).rfc3339
    config.created = created
    config.author = request.author.isEmpty ? nil : request.author
    config.comment = request.comment.isEmpty ? nil : request.comment
    config.rootfs = OCISpec.ImageRootFS(
      diffIDs: await services.snapshots.chain(of: layer.chainID).map(\.diffID))
    config.history =
      (base?.history ?? [])
      + [
        ImageHistoryEntry(
          created: created, createdBy: ([record.path] + record.arguments).joined(separator: " "),
          author: config.author, comment: config.comment)
      ]
    let own = ImageDefaults(record.config)
    // As a container's settings go over its image's.
    var defaults =
      try request.settings.map { (said) throws(EngineError) in ImageDefaults(try said.merged(with: own)) }
      ?? own
    try request.configure(&defaults)
    config.config = defaults
    return config
  }
}

extension ImageDefaults {
  /// What a container's settings are as an image's.
  init(_ config: ContainerConfig) {
    self.init()
    user = config.user.isEmpty ? nil : config.user
    exposedPorts = config.exposedPorts.map { NameSet($0.keys) }
    env = config.env
    entrypoint = config.entrypoint?.words
    cmd = config.cmd?.words
    volumes = config.volumes.map { NameSet($0.keys) }
    workingDir = config.workingDir.isEmpty ? nil : config.workingDir
    onBuild = config.onBuild
    labels = config.labels
    stopSignal = config.stopSignal
    stopTimeout = config.stopTimeout
    shell = config.shell
    healthcheck = config.healthcheck.map { health in
      var check = ImageHealthcheck()
      check.test = health.test
      check.interval = health.interval
      check.timeout = health.timeout
      check.startPeriod = health.startPeriod
      check.startInterval = health.startInterval
      check.retries = health.retries
      return check
    }
  }
}
