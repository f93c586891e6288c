import Archive
import DockerAPI
import EngineErrors
import Hashing
import ImageNames
import JSON
import Linux
import OCISpec
import Reactor
import Synchronization

/// Registries that speak the distribution API: manifests and blobs by name and digest, checked on arrival.
public final class Registry: Sendable {
  private struct Ways {
    var mirrors: [RegistryHost]
    var insecure: InsecureRegistries
    var attempts: Int
  }

  private let ways: Mutex<Ways>
  /// Taken by a layer while it arrives.
  private let downloads: Turns
  /// Taken by a layer while it is made ready and sent.
  let uploads: Turns

  /// `mirrors` are asked for images of docker.io before it is: `http://host:port`, in this order. `insecure` are hosts and
  /// networks whose registries need not speak TLS.
  public init(
    mirrors: [String] = [], insecure: [String] = [], limits: TransferLimits = TransferLimits()
  ) {
    ways = Mutex(
      Ways(
        mirrors: mirrors.map(RegistryHost.init(mirror:)), insecure: InsecureRegistries(insecure),
        attempts: limits.downloadAttempts))
    downloads = Turns(limit: limits.downloads)
    uploads = Turns(limit: limits.uploads)
  }

  /// Other mirrors, insecure registries and limits for what is asked from now on.
  public func use(mirrors: [String], insecure: [String], limits: TransferLimits) {
    ways.withLock {
      $0 = Ways(
        mirrors: mirrors.map(RegistryHost.init(mirror:)), insecure: InsecureRegistries(insecure),
        attempts: limits.downloadAttempts)
    }
    downloads.change(limit: limits.downloads)
    uploads.change(limit: limits.uploads)
  }

  private var attempts: Int { ways.withLock { $0.attempts } }

  var mirrors: [RegistryHost] { ways.withLock { $0.mirrors } }

  func isInsecure(_ domain: String) -> Bool { ways.withLock { $0.insecure }.contain(domain) }

  /// What a name means at a registry, for one platform.
  public struct RemoteImage: Sendable {
    public let manifest: ImageManifest
    /// Of the document that the name itself leads to: an index where there is one.
    public let digest: Digest
    let session: RegistrySession
  }

  private static let manifestTypes = [
    MediaType.ociIndex, MediaType.dockerList, MediaType.ociManifest, MediaType.dockerManifest,
  ]
  private static let manifestLimit = 4 << 20
  private static let configLimit = 16 << 20

  /// Finds the manifest of a tag or digest for a platform.
  public func resolve(
    _ reference: ImageReference, platform: Platform, auth: RegistryAuth?, stop: StopFlag = StopFlag()
  ) async throws(EngineError) -> RemoteImage {
    try await trying(sessions(reference, auth, stop)) { session throws(EngineError) in
      try failing(.internal, "pull \(reference.familiar)") {
        let name = reference.digest ?? reference.tag ?? ImageReference.defaultTag
        let (bytes, type) = try Self.document(name, session)
        let digest = Digest(sha256: SHA256.hash(bytes))
        if let promised = reference.digest, promised != digest.description {
          throw Self.mismatch(promised, digest)
        }
        guard MediaType.isIndex(type) else {
          return RemoteImage(manifest: try Self.manifest(bytes, type), digest: digest, session: session)
        }
        let chosen = try Self.choose(bytes, platform)
        let (inner, innerType) = try Self.document(chosen.digest.description, session)
        let actual = Digest(sha256: SHA256.hash(inner))
        guard actual == chosen.digest else { throw Self.mismatch(chosen.digest.description, actual) }
        return RemoteImage(manifest: try Self.manifest(inner, innerType), digest: digest, session: session)
      }
    }
  }

  /// What a name leads to at a registry, and for which platforms: nothing is fetched but documents.
  public func describe(
    _ reference: ImageReference, auth: RegistryAuth?
  ) async throws(EngineError) -> (descriptor: Descriptor, platforms: [Platform]) {
    try await trying(sessions(reference, auth, StopFlag())) { session throws(EngineError) in
      try failing(.internal, "look up \(reference.familiar)") {
        let name = reference.digest ?? reference.tag ?? ImageReference.defaultTag
        let (bytes, type) = try Self.document(name, session)
        let digest = Digest(sha256: SHA256.hash(bytes))
        let descriptor = Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
        if MediaType.isIndex(type) {
          let index = try JSON.decode(ImageIndex.self, from: bytes)
          return (descriptor, index.manifests.compactMap(\.platform).filter { $0.os != "unknown" })
        }
        let manifest = try Self.manifest(bytes, type)
        let config = try BlobSource(manifest.config, session, attempts: self.attempts).readToEnd(
          limit: Self.configLimit)
        return (descriptor, [try JSON.decode(ImageConfig.self, from: config).platform])
      }
    }
  }

  /// An image's config as it is at the registry.
  public func config(of image: RemoteImage) async throws(EngineError) -> [UInt8] {
    let descriptor = image.manifest.config
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "pull config") {
        guard descriptor.size <= Self.configLimit else {
          throw EngineError(.invalidArgument, "image config is too large")
        }
        return try BlobSource(descriptor, image.session, attempts: self.attempts).readToEnd(
          limit: Self.configLimit)
      }
    }
  }

  /// Runs `body`, which fetches a layer, when its turn has come; where `stop` was set before that, it does not run.
  public func fetchInTurn<Value: Sendable>(
    _ stop: StopFlag, _ body: () async throws(EngineError) -> Value
  ) async throws(EngineError) -> Value {
    try await inTurn(downloads, stop, body)
  }

  /// One layer, compressed as it is at the registry. It ends only when size and digest are what the manifest promises;
  /// a connection that breaks is taken up again where it broke.
  public func layer(_ descriptor: Descriptor, of image: RemoteImage) -> any ByteSource {
    BlobSource(descriptor, image.session, attempts: self.attempts)
  }

  /// Tries credentials at a registry.
  public func logIn(_ auth: RegistryAuth) async throws(EngineError) -> AuthResponse {
    let address = auth.serveraddress ?? ""
    let domain = Self.domain(of: address)
    let reference = ImageReference.repository(domain: domain)
    let session = RegistrySession(
      reference, auth: auth, actions: "pull", stop: StopFlag(), isInsecure: isInsecure(domain))
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "log in to \(domain)") {
        let (response, transfer) = try session.send("GET", "/v2/")
        let body = try transfer.readToEnd(limit: 1 << 20)
        guard response.status == 200 else {
          let why = RegistryRefusal(body)?.message ?? "incorrect username or password"
          throw EngineError(.unauthorized, "login attempt to \(address) failed: unauthorized: \(why)")
        }
        var answer = AuthResponse()
        answer.status = "Login Succeeded"
        return answer
      }
    }
  }

  /// `https://index.docker.io/v1/` is what clients call the default registry.
  private static func domain(of address: String) -> String {
    var rest = address[...]
    for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
    let host = String(rest.prefix { $0 != "/" })
    return host.isEmpty || host == "index.docker.io" ? ImageReference.defaultDomain : host
  }

  // MARK: manifests

  private static func document(_ name: String, _ session: RegistrySession) throws -> (
    bytes: [UInt8], type: String
  ) {
    let accept = manifestTypes.map { (name: "Accept", value: $0) }
    let (response, transfer) = try session.send("GET", session.path("manifests/\(name)"), headers: accept)
    let bytes = try transfer.readToEnd(limit: manifestLimit)
    guard response.status == 200 else { throw refusal(response, bytes, session.repository) }
    let said = response.header("content-type").map { String($0.prefix { $0 != ";" }) } ?? ""
    if manifestTypes.contains(said) { return (bytes, said) }
    let inside = try JSON.parse(bytes)["mediaType"]?.string ?? said
    return (bytes, inside)
  }

  private static func manifest(_ bytes: [UInt8], _ type: String) throws -> ImageManifest {
    guard MediaType.isManifest(type) else {
      throw EngineError(.invalidArgument, "unsupported manifest type \(type)")
    }
    return try JSON.decode(ImageManifest.self, from: bytes)
  }

  private static func choose(_ bytes: [UInt8], _ platform: Platform) throws -> Descriptor {
    let index = try JSON.decode(ImageIndex.self, from: bytes)
    let fitting = index.manifests.filter {
      MediaType.isManifest($0.mediaType) && $0.platform?.serves(platform) == true
    }
    // An entry that names the very variant is better than one that leaves it open.
    guard let chosen = fitting.first(where: { $0.platform?.variant == platform.variant }) ?? fitting.first
    else {
      throw EngineError(
        .notFound,
        "no matching manifest for \(platform) in the manifest list entries: no match for platform in manifest: not found"
      )
    }
    return chosen
  }

  private static func mismatch(_ promised: String, _ actual: Digest) -> EngineError {
    EngineError(.internal, "manifest verification failed for digest \(promised): got \(actual)")
  }

  /// A refusal in docker's words.
  static func refusal(_ response: WebResponse, _ body: [UInt8], _ repository: ImageReference) -> EngineError {
    let said = RegistryRefusal(body)
    switch response.status {
    case 401, 403:
      return EngineError(
        .notFound,
        "pull access denied for \(repository.familiarName), repository does not exist or may require 'docker login': denied: \(said?.message ?? "requested access to the resource is denied")"
      )
    case 404 where said?.code == "NAME_UNKNOWN":
      return EngineError(
        .notFound, "repository \(repository.familiarName) not found: does not exist or no pull access")
    case 404:
      let why = said.map { "manifest unknown: \($0.message)" } ?? "manifest unknown"
      return EngineError(.notFound, "manifest for \(repository.withDefaultTag.familiar) not found: \(why)")
    default:
      if let said { return EngineError(.internal, "\(said.code): \(said.message)") }
      return EngineError(.internal, "received unexpected HTTP status: \(response.status)")
    }
  }
}
