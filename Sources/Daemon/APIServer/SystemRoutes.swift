import Assembly
import Builder
import Containers
import DockerAPI
import EngineErrors
import HTTP
import Images
import JSON
import OCISpec
import Snapshots
import Volumes

func systemRoutes(_ engine: Engine, _ facts: DaemonFacts) -> [Route] {
  [
    Route("GET", "/_ping", ping),
    Route("HEAD", "/_ping", ping),
    Route("GET", "/version") { call in try await call.answer(versionInfo()) },
    Route("GET", "/info") { call in
      let info = try await systemInfo(engine, facts)
      try await call.answer(info, in: .info(info, call.version))
    },
    Route("GET", "/system/df") { call in
      // Kinds came with API 1.42.
      let types = call.version >= APIVersion(1, 42) ? call.usageTypes : []
      var usage = try await diskUsage(engine, types: types)
      usage.images = usage.images.map { $0.spoken(in: call.version, countsContainers: true) }
      try await call.answer(usage)
    },
  ]
}

/// Clients learn from this which version, builder and mode they talk to.
private func ping(_ call: Call) async throws {
  let headers = [
    ("Builder-Version", "1"), ("Swarm", "inactive"), ("Cache-Control", "no-cache, no-store, must-revalidate"),
    ("Pragma", "no-cache"), ("Content-Type", "text/plain; charset=utf-8"),
  ]
  try await call.exchange.respond(status: 200, headers: Call.headers + headers, body: Array("OK".utf8))
}

private func versionInfo() -> VersionInfo {
  let host = HostFacts.read()
  var info = VersionInfo()
  info.platform.name = PlatformName.skiff
  info.version = EngineVersion.number
  info.apiVersion = APIVersion.newest.description
  info.minAPIVersion = APIVersion.oldest.description
  info.os = "linux"
  info.arch = host.goArchitecture
  info.kernelVersion = host.kernelVersion
  var component = ComponentVersion()
  component.name = "Engine"
  component.version = EngineVersion.number
  component.details = [
    "ApiVersion": info.apiVersion, "MinAPIVersion": info.minAPIVersion, "Os": info.os, "Arch": info.arch,
    "KernelVersion": info.kernelVersion, "Experimental": "false",
  ]
  info.components = [component]
  return info
}

extension Call {
  /// What `system/df` is asked for; empty means everything.
  fileprivate var usageTypes: Set<String> { Set(request.parameters("type")) }
}

private func diskUsage(_ engine: Engine, types: Set<String>) async throws -> DiskUsage {
  let known: Set = ["container", "image", "volume", "build-cache"]
  if let unknown = types.subtracting(known).first {
    throw EngineError(.invalidArgument, "unknown object type: \(unknown)")
  }
  func wants(_ type: String) -> Bool { types.isEmpty || types.contains(type) }
  var usage = DiskUsage()
  if wants("image") { try await addImages(to: &usage, engine) }
  if wants("container") {
    var options = ListOptions.everything
    options.size = true
    usage.containers = try await engine.containers.list(options)
  }
  if wants("volume") {
    // What the options of a volume name is not the engine's own, and may be a host's whole disk.
    for var volume in try await engine.volumes.list(Filters(), isUsed: { _ in false })
    where volume.options?.isEmpty != false {
      var size = VolumeUsage()
      // One that was removed meanwhile is passed over.
      guard let bytes = try? await engine.volumes.size(of: volume.name) else { continue }
      size.size = bytes
      size.refCount = Int64(await engine.containers.users(of: volume.name).count)
      volume.usageData = size
      usage.volumes.append(volume)
    }
  }
  if wants("build-cache") {
    usage.buildCache = try await engine.buildCacheEntries().map(BuildCacheRecord.init)
  }
  return usage
}

extension BuildCacheRecord {
  fileprivate init(_ entry: CacheEntry) {
    self.init()
    id = entry.id
    parents = entry.parent.map { [$0] }
    type = entry.kind.rawValue
    description = entry.description
    inUse = entry.isInUse
    shared = entry.isShared
    size = entry.size
    createdAt = entry.created
    lastUsedAt = entry.lastUsed
    usageCount = entry.uses
  }
}

private func addImages(to usage: inout DiskUsage, _ engine: Engine) async throws {
  usage.images = try await engine.images.list(all: false, filters: Filters(), sharedSizes: true)
  try await countContainers(of: &usage.images, engine)
  var layers: [String: Int64] = [:]
  for image in try await engine.images.all() {
    for layer in image.layers { layers[layer.name] = layer.size }
  }
  usage.layersSize = layers.values.reduce(0, +)
}
