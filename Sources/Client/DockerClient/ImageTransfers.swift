import DockerAPI
import HTTP
import JSON
import TextFormats

/// The progress of something the engine does while it answers.
public typealias ProgressMessages = JSONMessages<ProgressMessage>

extension DockerClient {
  /// `auth` is what X-Registry-Auth shall say.
  public func pullImage(_ reference: String, platform: String = "", auth: String = "") async throws
    -> ProgressMessages
  {
    var query = Query()
    let (name, tag) = ImageNameParts.split(reference)
    query.set("fromImage", name)
    query.set("tag", tag)
    query.set("platform", platform)
    let response = try await send("POST", "/images/create", query, headers: Self.auth(auth))
    return ProgressMessages(body: response.body, dialect: .plain)
  }

  public func pushImage(_ name: String, tag: String = "", platform: String = "", auth: String = "")
    async throws -> ProgressMessages
  {
    var query = Query()
    query.set("tag", tag)
    query.set("platform", platform)
    // The engine insists on the header, be it empty.
    let headers = Self.auth(auth.isEmpty ? Base64.encode(Array("{}".utf8), urlSafe: true) : auth)
    let response = try await send("POST", "/images/\(Query.name(name))/push", query, headers: headers)
    return ProgressMessages(body: response.body, dialect: .plain)
  }

  /// Makes an image of a tar stream; `source` is `-` for the body or an URL that the engine fetches.
  public func importImage(
    source: String, body: HTTPRequestBody, reference: String, message: String = "", changes: [String] = [],
    platform: String = ""
  ) async throws -> ProgressMessages {
    var query = Query()
    query.set("fromSrc", source)
    let (name, tag) = ImageNameParts.split(reference)
    query.set("repo", name)
    query.set("tag", tag)
    query.set("message", message)
    for change in changes { query.set("changes", change) }
    query.set("platform", platform)
    let response = try await send(
      "POST", "/images/create", query, headers: [("Content-Type", "application/x-tar")], body: body)
    return ProgressMessages(body: response.body, dialect: .plain)
  }

  public func loadImages(
    _ tar: HTTPRequestBody, quiet: Bool = false, platform: String = ""
  ) async throws -> ProgressMessages {
    var query = Query()
    query.set("platform", platform)
    query.set("quiet", quiet ? "1" : "0")
    let response = try await send(
      "POST", "/images/load", query, headers: [("Content-Type", "application/x-tar")], body: tar)
    return ProgressMessages(body: response.body, dialect: .plain)
  }

  /// The images as a tar stream.
  public func saveImages(_ names: [String], platform: String = "") async throws -> HTTPBody {
    var query = Query()
    query.set("platform", platform)
    for name in names { query.set("names", name) }
    return try await send("GET", "/images/get", query).body
  }
}

/// What `POST /build` is asked for.
public struct BuildRequest: Sendable {
  public var dockerfile = ""
  public var remote = ""
  public var tags: [String] = []
  public var buildArguments: [String: String?] = [:]
  public var labels: [String: String] = [:]
  public var target = ""
  public var noCache = false
  public var pull = false
  public var quiet = false
  public var removeIntermediate = true
  public var forceRemove = false
  public var networkMode = ""
  public var extraHosts: [String] = []
  public var cacheFrom: [String] = []
  public var platform = ""
  public var shmSize: Int64 = 0
  public var memory: Int64 = 0
  public var memorySwap: Int64 = 0
  public var cpuShares = 0
  public var cpuPeriod = 0
  public var cpuQuota = 0
  public var cpusetCpus = ""
  public var cpusetMems = ""
  public var cgroupParent = ""
  public var ulimits: [Ulimit] = []
  public var securityOptions: [String] = []
  public var squash = false
  /// What X-Registry-Config shall say.
  public var registryConfig = ""
  public var secrets = BuildSecrets()
  /// What `lending` gives.
  public var agents: BuildAgents?
  public init() {}
}

extension DockerClient {
  /// Builds an image from a tar stream of its context. Secrets are sent to Skiff's engine alone: others have no place for
  /// them.
  public func buildImage(_ request: BuildRequest, context: HTTPRequestBody) async throws -> ProgressMessages {
    var headers = [("Content-Type", "application/x-tar")]
    if !request.registryConfig.isEmpty { headers.append(("X-Registry-Config", request.registryConfig)) }
    if let agents = request.agents { headers.append((BuildAgents.header, agents.headerValue)) }
    var body = context
    if !request.secrets.values.isEmpty {
      // Who has lent it agents has asked.
      if request.agents == nil {
        try await requireSkiff(
          orSay: "this engine takes no build secrets from skiff: docker's are sent by BuildKit's protocol")
      }
      let secrets = request.secrets.encoded()
      guard secrets.count <= BuildSecrets.mostEncoded else {
        throw APIError(
          status: 400,
          message: "the build's secrets are larger than \(BuildSecrets.mostEncoded) bytes together")
      }
      headers.append((BuildSecrets.header, "\(secrets.count)"))
      body = context.preceded(by: secrets)
    }
    let response = try await send("POST", "/build", Self.query(request), headers: headers, body: body)
    return ProgressMessages(body: response.body, dialect: .plain)
  }

  private static func query(_ request: BuildRequest) -> Query {
    func json(_ value: some Encodable) -> String {
      String(decoding: JSON.encode(value, as: .docker), as: UTF8.self)
    }
    var query = Query()
    for tag in request.tags { query.set("t", tag) }
    query.set("dockerfile", request.dockerfile)
    query.set("remote", request.remote)
    query.set("q", request.quiet)
    query.set("nocache", request.noCache)
    query.set("pull", request.pull)
    query.set("rm", request.removeIntermediate ? "1" : "0")
    query.set("forcerm", request.forceRemove)
    query.set("target", request.target)
    query.set("networkmode", request.networkMode)
    query.set("platform", request.platform)
    query.set("squash", request.squash)
    query.set("shmsize", request.shmSize == 0 ? nil : "\(request.shmSize)")
    query.set("memory", request.memory == 0 ? nil : "\(request.memory)")
    query.set("memswap", request.memorySwap == 0 ? nil : "\(request.memorySwap)")
    query.set("cpushares", request.cpuShares == 0 ? nil : request.cpuShares)
    query.set("cpuperiod", request.cpuPeriod == 0 ? nil : request.cpuPeriod)
    query.set("cpuquota", request.cpuQuota == 0 ? nil : request.cpuQuota)
    query.set("cpusetcpus", request.cpusetCpus)
    query.set("cpusetmems", request.cpusetMems)
    query.set("cgroupparent", request.cgroupParent)
    for host in request.extraHosts { query.set("extrahosts", host) }
    for option in request.securityOptions { query.set("securityopt", option) }
    if !request.buildArguments.isEmpty {
      let arguments = JSONObject(
        request.buildArguments.sorted { $0.key < $1.key }.map {
          ($0.key, $0.value.map { .string($0) } ?? .null)
        })
      query.set("buildargs", json(arguments))
    }
    if !request.labels.isEmpty { query.set("labels", json(request.labels)) }
    if !request.cacheFrom.isEmpty { query.set("cachefrom", json(request.cacheFrom)) }
    if !request.ulimits.isEmpty { query.set("ulimits", json(request.ulimits)) }
    query.set("version", "1")
    return query
  }

  /// Throws unused steps of builds away.
  public func pruneBuildCache(
    all: Bool = false, bounds: CacheBounds = CacheBounds(), filters: Filters = Filters()
  ) async throws -> PruneReport {
    var query = Query()
    query.set("all", all)
    func set(_ name: String, _ bytes: Int64) { query.set(name, bytes == 0 ? nil : "\(bytes)") }
    set("reserved-space", bounds.reserved)
    // What engines before API 1.48 call it.
    set("keep-storage", bounds.reserved)
    set("max-used-space", bounds.maximum)
    set("min-free-space", bounds.minimumFree)
    query.set(filters)
    return try await call("POST", "/build/prune", query)
  }
}

/// How much of the build cache a prune leaves, in bytes; 0 where nothing is said.
public struct CacheBounds: Sendable {
  public var reserved: Int64 = 0
  public var maximum: Int64 = 0
  public var minimumFree: Int64 = 0
  public init() {}
}
