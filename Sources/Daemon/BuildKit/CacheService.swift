import Assembly
import BuildKitAPI
import Builder
import DockerAPI
import EngineErrors
import GRPC
import Protobuf
import TextFormats

/// The part of moby.buildkit.v1.Control that is about the build cache.
struct CacheService: Sendable {
  let engine: Engine

  private static let name = "/moby.buildkit.v1.Control/"

  var methods: [String: GRPCServer.Handler] { [Self.name + "DiskUsage": usage, Self.name + "Prune": prune] }

  @Sendable private func usage(_ call: GRPCCall) async throws {
    let wish = try CachePrune(try await call.request(PruneRequest.self))
    var answer = DiskUsageResponse()
    answer.records = try wish.matching(try await engine.buildCacheEntries()).map(UsageRecord.init)
    try await call.send(answer)
  }

  @Sendable private func prune(_ call: GRPCCall) async throws {
    let wish = try CachePrune(try await call.request(PruneRequest.self))
    for entry in try await engine.pruneBuildCache(wish).entries { try await call.send(UsageRecord(entry)) }
  }
}

extension CachePrune {
  /// Throws for filters that cannot be understood.
  init(_ request: PruneRequest) throws(EngineError) {
    self.init()
    all = request.all
    reservedSpace = max(0, request.reservedSpace)
    maximumSpace = max(0, request.maximumSpace)
    minimumFree = max(0, request.minimumFree)
    // buildx sends one text for all that it was given, an empty one where that was nothing.
    for filter in request.filters {
      for condition in filter.split(separator: ",") { add(condition) }
    }
    if request.keepDuration > 0, filters.values["until"] == nil {
      filters.values["until"] = ["\(request.keepDuration / 1_000_000_000)s"]
    }
    try check()
  }

  /// One of containerd's conditions: `key`, which asks whether it is so, `key==value`, and for the id, which is a pattern
  /// here anyway, `id~=value`.
  private mutating func add(_ condition: Substring) {
    guard let sign = condition.firstIndex(of: "=") else {
      filters.values[String(condition)] = filters[String(condition)]
      return
    }
    let key = condition[..<sign] == "id~" ? "id" : String(condition[..<sign])
    let value = condition[condition.index(after: sign)...].drop { $0 == "=" }
    filters.values[key, default: []].append(String(value))
  }
}

extension UsageRecord {
  init(_ entry: CacheEntry) {
    self.init()
    id = entry.id
    isMutable = entry.kind == .mount
    isInUse = entry.isInUse
    size = entry.size
    created = Self.time(entry.created)
    lastUsed = Self.time(entry.lastUsed)
    usageCount = Int64(entry.uses)
    description = entry.description
    recordType = entry.kind.rawValue
    isShared = entry.isShared
    parents = entry.parent.map { [$0] } ?? []
  }

  private static func time(_ text: String) -> ProtobufTime? {
    Timestamp(rfc3339: text).map { ProtobufTime(nanoseconds: $0.nanoseconds) }
  }
}
